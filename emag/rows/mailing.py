"""The tables of mailing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

# Bounce addresses and message ids contain the number, so a number is never used twice.
_NEVER_AGAIN = {"sqlite_autoincrement": True}


class MailingRow(SQLModel, table=True):
    """An issue that was addressed. From then on its readers are fixed."""

    __tablename__ = "mailings"

    issue: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    addressed_at: datetime
    planned: int


class DeliveryRow(SQLModel, table=True):
    """One reader's copy of one issue. It holds the reader's number, not the address.

    `not_before` orders the queue. `lease_until` and `worker` are set while it is in flight.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("issue", "subscriber"),
        Index("ix_deliveries_queue", "issue", "status", "not_before", "id"),
        Index("ix_deliveries_subscriber", "subscriber"),
        _NEVER_AGAIN,
    )

    id: int | None = Field(default=None, primary_key=True)
    issue: int
    subscriber: int
    status: str
    report: str = ""
    attempts: int = 0
    not_before: datetime
    worker: str = ""
    lease_until: datetime | None = None
    reason: str = Field(default="", sa_column=Column(Text, nullable=False))
    reference: str = ""
    settled_at: datetime | None = None  # when the last outcome was recorded


class CondensedRow(SQLModel, table=True):
    """The figures of an old issue, whose deliveries were deleted."""

    __tablename__ = "condensed_issues"

    issue: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    condensed_at: datetime
    counts: dict[str, int] = Field(sa_column=Column(JSON, nullable=False))
    domains: dict[str, dict[str, int]] = Field(sa_column=Column(JSON, nullable=False))
    bounces: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    refusals: list[list[Any]] = Field(sa_column=Column(JSON, nullable=False))
    left: int
    last_outcome_at: datetime | None = None


class EventRow(SQLModel, table=True):
    """One report, stored once by the provider's id and applied later."""

    __tablename__ = "events"
    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_events_waiting", "applied_at", "id"),
        Index("ix_events_subscriber", "subscriber"),
    )

    id: int | None = Field(default=None, primary_key=True)
    provider: str
    event_id: str
    kind: str
    at: datetime
    mark: str = ""
    subscriber: int = 0  # once it is applied, or where the report names an address
    detail: str = Field(default="", sa_column=Column(Text, nullable=False))
    applied_at: datetime | None = None


class SettlementRow(SQLModel, table=True):
    """One decision of an editor about doubtful deliveries."""

    __tablename__ = "settlements"

    id: int | None = Field(default=None, primary_key=True)
    issue: int
    at: datetime
    by: str
    decision: str  # accepted, resend
    deliveries: int  # how many were settled


class RateLimitRow(SQLModel, table=True):
    """When the next message may leave, in seconds since 1970 by the database's clock."""

    __tablename__ = "rate_limits"

    name: str = Field(primary_key=True)
    free_at: float


class WarmUpDayRow(SQLModel, table=True):
    """How many messages left on a day of a warm-up, in the publication's time zone."""

    __tablename__ = "warm_up_days"

    day: str = Field(primary_key=True)
    sent: int
