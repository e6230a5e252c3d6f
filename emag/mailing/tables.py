"""The tables of mailing for statements, drawn by “make tables” from emag.rows.mailing."""

from sqlalchemy import JSON, Column, Float, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

MAILINGS = Table(
    "mailings",
    _ALL,
    Column("issue", Integer, primary_key=True, autoincrement=False),
    Column("addressed_at", StoredTime(), nullable=False),
    Column("planned", Integer, nullable=False),
)

DELIVERIES = Table(
    "deliveries",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, nullable=False),
    Column("subscriber", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("report", String, nullable=False, default=""),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", StoredTime(), nullable=False),
    Column("worker", String, nullable=False, default=""),
    Column("lease_until", StoredTime()),
    Column("reason", Text, nullable=False, default=""),
    Column("reference", String, nullable=False, default=""),
    Column("settled_at", StoredTime()),
)

CONDENSED = Table(
    "condensed_issues",
    _ALL,
    Column("issue", Integer, primary_key=True, autoincrement=False),
    Column("condensed_at", StoredTime(), nullable=False),
    Column("counts", JSON, nullable=False),
    Column("domains", JSON, nullable=False),
    Column("bounces", JSON, nullable=False),
    Column("refusals", JSON, nullable=False),
    Column("left", Integer, nullable=False),
    Column("last_outcome_at", StoredTime()),
)

EVENTS = Table(
    "events",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("provider", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("mark", String, nullable=False, default=""),
    Column("subscriber", Integer, nullable=False, default=0),
    Column("detail", Text, nullable=False, default=""),
    Column("applied_at", StoredTime()),
)

SETTLEMENTS = Table(
    "settlements",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("issue", Integer, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("decision", String, nullable=False),
    Column("deliveries", Integer, nullable=False),
)

RATE_LIMITS = Table(
    "rate_limits",
    _ALL,
    Column("name", String, primary_key=True),
    Column("free_at", Float, nullable=False),
)

DAYS = Table(
    "warm_up_days",
    _ALL,
    Column("day", String, primary_key=True),
    Column("sent", Integer, nullable=False),
)
