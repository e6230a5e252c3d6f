"""The functions that read and write how the reads of each source went."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from emag.content.left_out import Counts
from emag.content.sources import Memory, Reading
from emag.content.tables import SOURCE_READS, SOURCES
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
    left_out: Counts = field(default_factory=dict)  # entries, by reason


_COLUMNS = [SOURCE_READS.c[part.name] for part in fields(SourceRead)]
# These are run for each source at each read. Building them anew would cost more than running them.
_OF_SOURCE = SOURCE_READS.c.source == bindparam("of")
_NUMBER = SOURCE_READS.c.id
_NEWEST = select(*_COLUMNS).where(_OF_SOURCE, SOURCE_READS.c.ok).order_by(_NUMBER.desc()).limit(1)
_OLDEST = select(_NUMBER).where(_OF_SOURCE).order_by(_NUMBER.desc()).offset(REMEMBERED).limit(1)
_FORGET = delete(SOURCE_READS).where(_OF_SOURCE, bindparam("last") >= _NUMBER)
_INSERT = insert(SOURCE_READS)
_ENTRIES = select(SOURCES.c.entries).where(SOURCES.c.name == bindparam("of"))


def memories(conn: Connection, sources: Collection[str]) -> dict[str, Memory]:
    """What these sources said at their last good reads; empty before the first."""
    row = SOURCES
    columns = [row.c[part.name] for part in fields(Memory)]
    query = select(row.c.name, *columns).where(row.c.name.in_(sources))
    stored = {name: Memory(*values) for name, *values in conn.execute(query)}
    return {name: stored.get(name, Memory()) for name in sources}


def succeeded(conn: Connection, source: str, reading: Reading, *, now: datetime) -> int:
    """Records a good read; returns how many entries the source shows."""
    values: dict[str, Any] = {"ok": True, "error": "", "read_at": now, "succeeded_at": now}
    if not reading.unchanged:
        values |= {"title": reading.title, "entries": reading.entries}
        values |= asdict(reading.memory)
    _record(conn, source, values)
    return int(conn.execute(_ENTRIES, {"of": source}).scalar_one())


def failed(conn: Connection, source: str, error: str, *, now: datetime) -> None:
    """Records why a source could not be read. What it showed before stays."""
    _record(conn, source, {"ok": False, "error": error, "read_at": now})


def remember(conn: Connection, source: str, read: SourceRead) -> None:
    """Adds a read to the record of a source, and forgets the oldest ones."""
    conn.execute(_INSERT, {"source": source, **asdict(read)})
    if read.new:
        _record(conn, source, {"read_at": read.read_at, "new_at": read.read_at})
    if (last := conn.execute(_OLDEST, {"of": source}).scalar()) is not None:
        conn.execute(_FORGET, {"of": source, "last": last})


def states(conn: Connection) -> list[SourceState]:
    """Every source that was ever read, by name."""
    columns = [SOURCES.c[part.name] for part in fields(SourceState)]
    query = select(*columns).order_by(SOURCES.c.name)
    return [SourceState(*row) for row in conn.execute(query)]


def newest(conn: Connection, source: str) -> SourceRead | None:
    """The last read of a source that succeeded."""
    row = conn.execute(_NEWEST, {"of": source}).first()
    return SourceRead(*row) if row else None


def last_reads(conn: Connection) -> dict[str, list[SourceRead]]:
    """The last reads of each source, the newest first."""
    query = select(SOURCE_READS.c.source, *_COLUMNS).order_by(SOURCE_READS.c.id.desc())
    reads: dict[str, list[SourceRead]] = {}
    for source, *values in conn.execute(query):
        reads.setdefault(source, []).append(SourceRead(*values))
    return reads


def _record(conn: Connection, source: str, values: dict[str, Any]) -> None:
    statement = dialect.upsert(conn, SOURCES, keys=["name"], columns=list(values))
    conn.execute(statement, {"name": source} | values)
