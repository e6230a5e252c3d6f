"""Its rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class StoryRow(SQLModel, table=True):
    """A candidate. `data` is the story as `story.to_dict` writes it."""

    __tablename__ = "stories"

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(unique=True)  # what the link leads to: no story enters twice
    source: str = Field(index=True)
    section: str
    fingerprint: str
    data: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    seen: datetime = Field(index=True)  # when it was first gathered
    changed: datetime  # when it was last admitted or refreshed


class SourceRow(SQLModel, table=True):
    """How a source's last read went, and what spares the next one."""

    __tablename__ = "sources"

    name: str = Field(primary_key=True)
    title: str = ""
    ok: bool = True
    error: str = ""
    read_at: datetime
    succeeded_at: datetime | None = None
    seen: int = 0  # entries at the last read that succeeded
    etag: str = ""
    modified: str = ""
    digest: str = ""
    of: str = ""
