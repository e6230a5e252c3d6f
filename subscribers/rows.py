"""The tables of the list."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

# A number is never given twice, not even after an erasure: consent entries and deliveries of past
# issues name readers by their numbers.
_UNIQUE_FOR_EVER = {"sqlite_autoincrement": True}


class Subscriber(SQLModel, table=True):
    """A reader, or somebody who signed up to be one."""

    __tablename__ = "subscribers"
    __table_args__ = (
        Index("ix_subscribers_status", "status", "id"),
        Index("ix_subscribers_import", "import_id"),
        _UNIQUE_FOR_EVER,
    )

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)  # random: what tokens and links contain
    address: str  # the address that mail is sent to
    key: str = Field(unique=True)  # the address in the form for comparing
    name: str = ""
    status: str
    topics: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    since: datetime  # of the status
    joined_at: datetime
    paused_until: datetime | None = None
    ask: int = 0
    open: bool = False
    soft: int = 0
    soft_since: datetime | None = None
    import_id: int | None = None  # the import that added the reader


class Consent(SQLModel, table=True):
    """The consent record: append-only and hash-chained. It holds nothing personal."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_subscriber", "subscriber"),)

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    previous: str
    at: datetime
    act: str
    subscriber: int
    how: str
    wording: str = ""
    evidence: str = ""
    hash: str


class LedgerHead(SQLModel, table=True):
    """The sealed end of the consent record, in one row."""

    __tablename__ = "ledger_heads"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int
    hash: str
    seal: str


class Wording(SQLModel, table=True):
    """Words that were shown to readers, stored once under their hash."""

    __tablename__ = "wordings"

    digest: str = Field(primary_key=True)
    text: str = Field(sa_column=Column(Text, nullable=False))
    version: str = ""
    language: str = ""


class EvidenceRow(SQLModel, table=True):
    """The personal part of a consent entry, with its salt; erased with the person."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_subscriber", "subscriber"),)

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    subscriber: int
    salt: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    # Network address and browser, with their own salt: they are deleted earlier.
    network_salt: str | None = None
    network: str | None = None


class Suppression(SQLModel, table=True):
    """An address that must not be written to, stored as a keyed hash."""

    __tablename__ = "suppressions"
    __table_args__ = (Index("ix_suppressions_import", "import_id"),)

    fingerprint: str = Field(primary_key=True)
    reason: str
    at: datetime
    import_id: int | None = None  # the import that added it


class RemovedReaderRow(SQLModel, table=True):
    """A reader who was removed from the list: hashes of their link and of their address.

    Links that an import brings from another database stand here too, with no number of ours.
    """

    __tablename__ = "removed_readers"
    __table_args__ = (
        Index("ix_removed_readers_fingerprint", "fingerprint"),
        Index("ix_removed_readers_subscriber", "subscriber"),
    )

    link: str = Field(primary_key=True)
    subscriber: int = 0  # their number while they were on this list
    fingerprint: str
    successor: int = 0  # the reader who has that address now
    at: datetime


class LetterRow(SQLModel, table=True):
    """A letter to one person: confirmation, welcome, change of address, or a notice."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("key", "address"),
        Index("ix_letters_due", "sent_at", "failed_at", "not_before"),
        Index("ix_letters_subscriber", "subscriber"),
        _UNIQUE_FOR_EVER,
    )

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)  # what its tokens contain
    kind: str
    subscriber: int = 0  # none for a notice
    ask: int = 0
    address: str = ""  # if it is not the reader's own: a change of address, or a notice
    key: str | None = None  # of a notice: one recipient gets it once for each key
    name: str = ""  # the recipient's, of a notice
    subject: str = ""  # of a notice
    text: str = Field(default="", sa_column=Column(Text, nullable=False, default=""))  # of a notice
    queued_at: datetime
    not_before: datetime
    attempts: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    held_at: datetime | None = None  # in a flood of sign-ups, until an editor decides
    message_id: str = ""
    reason: str = ""


class LegacyLink(SQLModel, table=True):
    """An unsubscribe link of the tool that was used before, stored as a hash."""

    __tablename__ = "legacy_links"
    __table_args__ = (Index("ix_legacy_links_subscriber", "subscriber"),)

    digest: str = Field(primary_key=True)
    subscriber: int


class ImportRow(SQLModel, table=True):
    """A file that was imported, on which basis and by whom."""

    __tablename__ = "imports"
    __table_args__ = (_UNIQUE_FOR_EVER,)

    id: int | None = Field(default=None, primary_key=True)
    file: str
    format: str
    basis: str = Field(sa_column=Column(Text, nullable=False))
    by: str  # who imported it
    at: datetime
    finished_at: datetime | None = None
    undone_at: datetime | None = None
    undone_by: str = ""
    added: int = 0
    updated: int = 0
    suppressed: int = 0
    unchanged: int = 0
    refused: int = 0


class ImportChange(SQLModel, table=True):
    """What an import changed of a reader who was on the list before, to undo it."""

    __tablename__ = "import_changes"
    __table_args__ = (Index("ix_import_changes_subscriber", "subscriber"),)

    import_id: int = Field(primary_key=True)
    subscriber: int = Field(primary_key=True)
    before: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class SignupHit(SQLModel, table=True):
    """A count of the sign-up limits, under a keyed hash."""

    __tablename__ = "signup_hits"

    scope: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    count: int
    since: datetime
    last: datetime


class Replay(SQLModel, table=True):
    """The idempotency key of a request that was handled."""

    __tablename__ = "replays"

    digest: str = Field(primary_key=True)
    at: datetime = Field(index=True)
