"""The tables of instance for statements, drawn by “make tables” from emag.rows.instance."""

from sqlalchemy import Column, Integer, MetaData, String, Table

_ALL = MetaData()

INSTANCES = Table(
    "instances",
    _ALL,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mark", String, nullable=False),
    Column("following", String, nullable=False),
    Column("place", String, nullable=False),
    Column("held", String, nullable=False, default=""),
)
