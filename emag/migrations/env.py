"""The script that Alembic runs. `migrate.upgrade` gives it a connection with an open transaction.

A change of any tables.py needs a revision: see “Changing a table” in CONTRIBUTING.md.
"""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel, UTCDateTime


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Writes SQLModel's types as plain SQLAlchemy types, so that a revision outlives SQLModel."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,  # SQLite cannot alter a column: a batch rebuilds the table
    render_item=plain,
    transactional_ddl=True,  # also on SQLite, where `migrate` says BEGIN itself
)
with context.begin_transaction():
    context.run_migrations()
