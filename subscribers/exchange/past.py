"""Lists the imports that were begun, with what came of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from subscribers.errors import NoSuchImport
from subscribers.tables import IMPORTS

LISTED = 100


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import. Without `finished_at` it is running, or ended before its last line."""

    id: int
    file: str
    format: str
    basis: str
    by: str
    at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    undone_by: str
    added: int
    updated: int
    suppressed: int
    unchanged: int
    refused: int


def past_imports(conn: Connection) -> list[PastImport]:
    """The newest imports, the newest first."""
    query = _QUERY.order_by(IMPORTS.c.id.desc()).limit(LISTED)
    return [PastImport(*row) for row in conn.execute(query)]


def past_import(conn: Connection, number: int) -> PastImport:
    """One import. Raises NoSuchImport."""
    row = conn.execute(_QUERY.where(IMPORTS.c.id == number)).one_or_none()
    if row is None:
        raise NoSuchImport(f"There is no import {number}.")
    return PastImport(*row)


_QUERY: Select[Any] = select(*(IMPORTS.c[name] for name in PastImport.__slots__))
