"""The tables of the editors: who they are, how they sign in, and where they are signed in."""

from datetime import datetime

from sqlalchemy import JSON, Column, Text
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


class CodeRow(SQLModel, table=True):
    """A code by mail, for the browser that requested it. Only hashes of both are stored."""

    __tablename__ = "editor_codes"

    id: int | None = Field(default=None, primary_key=True)
    browser: str = Field(unique=True)  # SHA-256 of its cookie
    address: str = ""  # empty if nobody has the address that was typed
    hash: str  # of the code, with a key
    requested_at: datetime = Field(index=True)
    tries: int = 0
    used_at: datetime | None = None


class TallyRow(SQLModel, table=True):
    """How often something happened since a time. Keys are networks, and hashes of addresses."""

    __tablename__ = "editor_tallies"

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: int
    since: datetime


class PasskeyRow(SQLModel, table=True):
    """A passkey of an editor. Bytes are written in base64url."""

    __tablename__ = "editor_passkeys"

    id: int | None = Field(default=None, primary_key=True)
    editor: str = Field(index=True)  # the address
    handle: str = Field(index=True)  # names the person to their device; random, not the address
    name: str
    credential: str = Field(unique=True)
    public_key: str = Field(sa_column=Column(Text, nullable=False))
    counter: int = 0
    transports: list[str] = Field(sa_column=Column(JSON, nullable=False))
    added_at: datetime
    used_at: datetime | None = None


class AccountRow(SQLModel, table=True):
    """A work account of an editor: its issuer and its number there, never its mail address."""

    __tablename__ = "editor_accounts"

    account: str = Field(primary_key=True)
    editor: str = Field(unique=True)  # the address
    linked_at: datetime


class ChallengeRow(SQLModel, table=True):
    """What a passkey is to sign, once, within five minutes."""

    __tablename__ = "editor_challenges"

    challenge: str = Field(primary_key=True)
    purpose: str
    holder: str  # the browser's hash, or the session's number, that it was given to
    at: datetime = Field(index=True)
    note: str = ""


class PresenceRow(SQLModel, table=True):
    """An editor who has a page of an issue open. Overwritten every 20 seconds."""

    __tablename__ = "editor_presence"

    editor: str = Field(primary_key=True)  # the address
    issue: int = Field(primary_key=True)
    page: str
    field: str
    at: datetime
