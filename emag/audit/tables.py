"""The tables of audit for statements, drawn by “make tables” from emag.rows.audit."""

from sqlalchemy import Column, Integer, MetaData, String, Table, Text

from subscribers.dialect import StoredTime

_ALL = MetaData()

AUDIT = Table(
    "audit",
    _ALL,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", StoredTime(), nullable=False),
    Column("by", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False, default=""),
    Column("detail", Text, nullable=False, default=""),
    Column("network", String, nullable=False, default=""),
    Column("hash", String, nullable=False),
)

NETWORKS = Table(
    "audit_networks",
    _ALL,
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("network", String, nullable=False),
    Column("salt", String, nullable=False),
)

SEALS = Table(
    "audit_seals",
    _ALL,
    Column("chain", String, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("hash", String, nullable=False),
    Column("seal", String, nullable=False),
)
