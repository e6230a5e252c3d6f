"""What Alembic runs: `migrate.upgrade` gives it an open connection with one transaction.

A change of any tables.py needs a revision. Write one with

    .venv/bin/python emag/migrations/revise.py "what changed"

read what it wrote, correct it, and run tests/emag/test_migrations.py: a database migrated from
empty must equal one created from the tables, on SQLite and on PostgreSQL.
"""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel, UTCDateTime


def plain(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """SQLModel's own types as what they are in the database: a revision must outlive them."""
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
