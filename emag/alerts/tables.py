"""The tables of alerts for statements, drawn by “make tables” from emag.rows.alerts."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

ALERTS = Table(
    "alerts",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
    Column("subject", String, nullable=False),
    Column("text", Text, nullable=False),
    Column("not_before", StoredTime(), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("ended_at", StoredTime()),
    Column("reason", String, nullable=False, default=""),
)
