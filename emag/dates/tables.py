"""The tables of dates for statements, drawn by “make tables” from emag.rows.dates."""

from sqlalchemy import Column, Integer, MetaData, String, Table

from subscribers.dialect import StoredTime

_ALL = MetaData()

DATE_CHANGES = Table(
    "date_changes",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("usual", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("to", StoredTime()),
    Column("by", String, nullable=False),
    Column("at", StoredTime(), nullable=False),
)
