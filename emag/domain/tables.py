"""The tables of domain for statements, drawn by “make tables” from emag.rows.domain."""

from sqlalchemy import JSON, Column, MetaData, String, Table

from subscribers.dialect import StoredTime

_ALL = MetaData()

DOMAIN_ANSWERS = Table(
    "domain_answers",
    _ALL,
    Column("domain", String, primary_key=True),
    Column("transport", String, primary_key=True),
    Column("asked_at", StoredTime(), nullable=False),
    Column("findings", JSON, nullable=False),
)
