"""The functions that read and write how the reads of each source went."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from emag.content.sources import Memory, Reading
from emag.content.tables import SourceReadRow, SourceRow
from subscribers import dialect

REMEMBERED = 12  # reads of each source


@dataclass(frozen=True, slots=True)
class SourceState:
    """The state of a source: its last read, and its last good one. Times are aware UTC.

    `new_at` is when it last gave a new story.
    """

    name: str
    title: str
    ok: bool
    error: str
    read_at: datetime
    succeeded_at: datetime | None
    entries: int
    new_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceRead:
    """One read of a source: what it showed, and what came of it."""

    read_at: datetime
    ok: bool
    entries: int = 0
    new: int = 0
    changed: int = 0
    refused: int = 0
    error: str = ""
    notes: Sequence[str] = ()


_COLUMNS = [col(getattr(SourceReadRow, field.name)) for field in fields(SourceRead)]


def memory(conn: Connection, source: str) -> Memory:
    """What the source said at its last good read; empty before the first."""
    row = SourceRow
    columns = [col(getattr(row, field.name)) for field in fields(Memory)]
    values = conn.execute(select(*columns).where(col(row.name) == source)).one_or_none()
    return Memory(*values) if values else Memory()


def succeeded(conn: Connection, source: str, reading: Reading, *, now: datetime) -> int:
    """Records a good read; returns how many entries the source shows."""
    values: dict[str, Any] = {"ok": True, "error": "", "read_at": now, "succeeded_at": now}
    if not reading.unchanged:
        values |= {"title": reading.title, "entries": reading.entries}
        values |= asdict(reading.memory)
    _record(conn, source, values)
    query = select(col(SourceRow.entries)).where(col(SourceRow.name) == source)
    return int(conn.execute(query).scalar_one())


def failed(conn: Connection, source: str, error: str, *, now: datetime) -> None:
    """Records why a source could not be read. What it showed before stays."""
    _record(conn, source, {"ok": False, "error": error, "read_at": now})


def remember(conn: Connection, source: str, read: SourceRead) -> None:
    """Adds a read to the record of a source, and forgets the oldest ones."""
    conn.execute(insert(SourceReadRow).values(source=source, **asdict(read)))
    if read.new:
        _record(conn, source, {"read_at": read.read_at, "new_at": read.read_at})
    number = col(SourceReadRow.id)
    of_source = select(number).where(col(SourceReadRow.source) == source)
    oldest = of_source.order_by(number.desc()).offset(REMEMBERED).limit(1)
    if (last := conn.execute(oldest).scalar()) is not None:
        conn.execute(
            delete(SourceReadRow).where(col(SourceReadRow.source) == source, number <= last)
        )


def states(conn: Connection) -> list[SourceState]:
    """Every source that was ever read, by name."""
    columns = [col(getattr(SourceRow, field.name)) for field in fields(SourceState)]
    query = select(*columns).order_by(col(SourceRow.name))
    return [SourceState(*row) for row in conn.execute(query)]


def newest(conn: Connection, source: str) -> SourceRead | None:
    """The last read of a source that succeeded."""
    query = select(*_COLUMNS).where(col(SourceReadRow.source) == source, col(SourceReadRow.ok))
    row = conn.execute(query.order_by(col(SourceReadRow.id).desc()).limit(1)).first()
    return SourceRead(*row) if row else None


def last_reads(conn: Connection) -> dict[str, list[SourceRead]]:
    """The last reads of each source, the newest first."""
    query = select(col(SourceReadRow.source), *_COLUMNS).order_by(col(SourceReadRow.id).desc())
    reads: dict[str, list[SourceRead]] = {}
    for source, *values in conn.execute(query):
        reads.setdefault(source, []).append(SourceRead(*values))
    return reads


def _record(conn: Connection, source: str, values: dict[str, Any]) -> None:
    blank = SourceRow(name=source, read_at=values["read_at"]).model_dump()
    statement = dialect.insert(conn, SourceRow).values(blank | values)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
