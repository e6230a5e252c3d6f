"""The tables of settings_log for statements, drawn by “make tables” from emag.rows.settings_log."""

from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

SETTINGS_CHANGES = Table(
    "settings_changes",
    _ALL,
    Column("id", Integer, primary_key=True),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("file", String, nullable=False),
    Column("changed", JSON, nullable=False),
    Column("former", Text, nullable=False),
    Column("undoes", Integer),
)
