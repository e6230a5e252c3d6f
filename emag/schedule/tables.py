"""The tables of schedule for statements, drawn by “make tables” from emag.rows.schedule."""

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

RUNS = Table(
    "schedule_runs",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("schedule", String, nullable=False),
    Column("local_date", String, nullable=False),
    Column("started_at", StoredTime(), nullable=False),
    Column("finished_at", StoredTime()),
    Column("outcome", String, nullable=False, default=""),
)

STANDSTILLS = Table(
    "standstills",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("sentence", Text, nullable=False),
    Column("begun_at", StoredTime(), nullable=False),
    Column("ended_at", StoredTime()),
    Column("is_quiet", Boolean, nullable=False, default=False),
)
