"""The functions that keep and find its rows."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from emag.content.pool import Candidate, Known
from emag.content.sources import Memory, Reading
from emag.content.story import Story, from_dict, to_dict
from emag.content.tables import SourceRow, StoryRow

BATCH = 500  # keys in one question


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source stands: its last read, and its last good one. Times are aware UTC."""

    name: str
    title: str
    ok: bool
    error: str
    read_at: datetime
    succeeded_at: datetime | None
    seen: int


def candidates(conn: Connection, *, until: datetime | None = None) -> list[Candidate]:
    """The whole pool in the order it came in, as far as it was seen by `until`."""
    question = _candidates()
    if until is not None:
        question = question.where(col(StoryRow.seen) <= until)
    return _read(conn, question)


def by_ids(conn: Connection, ids: Iterable[int]) -> dict[int, Candidate]:
    """Those of `ids` that exist."""
    found = {}
    for batch in _batches(sorted(set(ids))):
        for candidate in _read(conn, _candidates().where(col(StoryRow.id).in_(batch))):
            found[candidate.id] = candidate
    return found


def known(conn: Connection, identities: Collection[str]) -> dict[str, Known]:
    """What the pool remembers of these stories, by identity."""
    found = {}
    identity = col(StoryRow.identity)
    columns = (identity, col(StoryRow.id), col(StoryRow.source), col(StoryRow.fingerprint))
    for batch in _batches(sorted(set(identities))):
        for line in conn.execute(select(*columns).where(identity.in_(batch))):
            found[line.identity] = Known(line.id, line.source, line.fingerprint)
    return found


def admit(conn: Connection, story: Story, *, section: str, now: datetime) -> bool:
    """A new candidate. False where another gather, at the same moment, was first."""
    values = _values(story, section, now) | {"identity": story.identity, "seen": now}
    statement = _insert(conn)(StoryRow).values(values)
    statement = statement.on_conflict_do_nothing(index_elements=["identity"])
    return conn.execute(statement.returning(col(StoryRow.id))).first() is not None


def refresh(conn: Connection, story: Story, *, id: int, section: str, now: datetime) -> None:  # noqa: A002 - the row's word
    """The candidate as its source shows it now; when it was first seen stays."""
    values = _values(story, section, now)
    conn.execute(update(StoryRow).where(col(StoryRow.id) == id).values(values))


def move(conn: Connection, source: str, *, section: str) -> None:
    """All that a source ever handed over stands in the section that it now feeds."""
    moved = update(StoryRow).where(col(StoryRow.source) == source, col(StoryRow.section) != section)
    conn.execute(moved.values(section=section))


def memory(conn: Connection, source: str) -> Memory:
    """What the source said at its last good read; empty before the first."""
    row = SourceRow
    question = select(col(row.etag), col(row.modified), col(row.digest), col(row.of))
    line = conn.execute(question.where(col(row.name) == source)).one_or_none()
    return Memory(*line) if line else Memory()


def succeeded(conn: Connection, source: str, reading: Reading, *, now: datetime) -> int:
    """Keeps what a good read said of itself; returns how many entries the source shows."""
    values: dict[str, Any] = {"ok": True, "error": "", "read_at": now, "succeeded_at": now}
    if not reading.unchanged:
        told = reading.memory
        values |= {"title": reading.title, "seen": reading.entries}
        values |= {name: getattr(told, name) for name in ("etag", "modified", "digest", "of")}
    _keep(conn, source, values)
    question = select(col(SourceRow.seen)).where(col(SourceRow.name) == source)
    return int(conn.execute(question).scalar_one())


def failed(conn: Connection, source: str, error: str, *, now: datetime) -> None:
    """Keeps the reason; what the source had, and what it said, stay."""
    _keep(conn, source, {"ok": False, "error": error, "read_at": now})


def states(conn: Connection) -> list[SourceState]:
    """Every source that was ever read, by name."""
    columns = [col(getattr(SourceRow, field.name)) for field in fields(SourceState)]
    question = select(*columns).order_by(col(SourceRow.name))
    return [SourceState(*line) for line in conn.execute(question)]


def _keep(conn: Connection, source: str, values: dict[str, Any]) -> None:
    blank = SourceRow(name=source, read_at=values["read_at"]).model_dump()
    statement = _insert(conn)(SourceRow).values(blank | values)
    conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))


def _values(story: Story, section: str, now: datetime) -> dict[str, Any]:
    return {
        "source": story.source,
        "section": section,
        "fingerprint": story.fingerprint,
        "data": to_dict(story),
        "changed": now,
    }


def _candidates() -> Select[Any]:
    columns = (col(StoryRow.id), col(StoryRow.data), col(StoryRow.seen), col(StoryRow.section))
    return select(*columns).order_by(col(StoryRow.seen), col(StoryRow.id))


def _read(conn: Connection, question: Select[Any]) -> list[Candidate]:
    return [
        Candidate(line.id, from_dict(line.data), line.seen, line.section)
        for line in conn.execute(question)
    ]


def _insert(conn: Connection) -> Any:
    return postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert


def _batches(keys: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
