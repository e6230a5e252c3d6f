"""The tables of the editors: who they are, and where they are signed in."""

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


class SessionRow(SQLModel, table=True):
    """One sign-in. The token itself is not stored, only its SHA-256."""

    __tablename__ = "editor_sessions"

    id: int | None = Field(default=None, primary_key=True)
    token_hash: str = Field(unique=True)
    editor: str = Field(index=True)  # the address
    opened_by: str
    opened_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    browser: str = ""
    network: str = ""
    ended_at: datetime | None = None


EDITORS: Table = EditorRow.__table__  # type: ignore[attr-defined]
SESSIONS: Table = SessionRow.__table__  # type: ignore[attr-defined]
