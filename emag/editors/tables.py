"""The tables of the editors, and of who changed them."""

from datetime import datetime

from sqlalchemy import JSON, Column, Table
from sqlmodel import Field, SQLModel


class EditorRow(SQLModel, table=True):
    """One editor. The row of one who was removed stays: an invitation brings it back."""

    __tablename__ = "editors"

    id: int | None = Field(default=None, primary_key=True)
    address: str = Field(unique=True)  # in lower case
    name: str = ""
    roles: list[str] = Field(sa_column=Column(JSON, nullable=False))
    invited_at: datetime
    invited_by: str
    last_seen: datetime | None = None
    removed_at: datetime | None = None


class EditorChangeRow(SQLModel, table=True):
    """Who changed which editor, when, and how. Rows are only ever added."""

    __tablename__ = "editor_changes"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    by: str
    address: str = Field(index=True)
    kind: str  # invite, role, remove, reset
    before: list[str] = Field(sa_column=Column(JSON, nullable=False))  # roles
    after: list[str] = Field(sa_column=Column(JSON, nullable=False))


EDITORS: Table = EditorRow.__table__  # type: ignore[attr-defined]
CHANGES: Table = EditorChangeRow.__table__  # type: ignore[attr-defined]
