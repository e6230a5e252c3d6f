"""The list read: audience, writable, counts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, or_, select
from sqlmodel import col

from subscribers.address import parse
from subscribers.standing import Standing
from subscribers.tables import Consent, EvidenceRow, Subscriber, Suppression, Wording

_AT_ONCE = 5_000  # ids in one query: SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to write to. `ref` is what the tokens of their links say.

    `topics` are as the database keeps them, a key that `chosen` reads.
    """

    id: int
    ref: str
    address: str
    name: str
    topics: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody on the list, for an editor or for the reader's own page. No topics means all."""

    id: int
    ref: str
    address: str
    name: str
    status: str
    topics: tuple[str, ...]
    since: datetime
    joined_at: datetime
    paused_until: datetime | None


def audience(now: datetime) -> "Select[int | None, str]":
    """A SELECT of the id and topics of everyone who may be written to, for INSERT … SELECT."""
    return select(col(Subscriber.id), _TOPICS).where(*_may_be_written_to(now))


def reachable(now: "datetime | ColumnElement[datetime]") -> Select[Any]:
    """A SELECT of the readers who may be written to, in the order of Reader; for a JOIN."""
    return select(*_READER).where(*_may_be_written_to(now))


def writable(conn: Connection, ids: Sequence[int], *, now: datetime) -> dict[int, Reader]:
    """Those of `ids` who may be written to at this moment."""
    return _readers(conn, ids, *_may_be_written_to(now))


def readers(conn: Connection, ids: Sequence[int]) -> dict[int, Reader]:
    """Those of `ids` who are still known, whatever their standing: for the editor, not for mail."""
    return _readers(conn, ids)


def _may_be_written_to(
    now: "datetime | ColumnElement[datetime]",
) -> tuple[ColumnElement[bool], ...]:
    paused = col(Subscriber.paused_until)
    is_active = col(Subscriber.status) == Standing.ACTIVE.value
    return (is_active, or_(paused.is_(None), paused <= now))


def _readers(
    conn: Connection, ids: Sequence[int], *where: ColumnElement[bool]
) -> dict[int, Reader]:
    number = _READER[0]
    found: dict[int, Reader] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = number.in_(ids[start : start + _AT_ONCE])
        for row in conn.execute(select(*_READER).where(some, *where)):
            found[row.id or 0] = Reader(*row)
    return found


def chosen(topics: str) -> tuple[str, ...]:
    """The topics of a Reader; none means all of them."""
    found = json.loads(topics or "[]")
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def counts(conn: Connection) -> dict[str, int]:
    """How many there are of each status; `suppressed` are addresses known by their hash."""
    status = col(Subscriber.status)
    found = {s.value: 0 for s in Standing if s is not Standing.UNKNOWN}
    rows = conn.execute(select(status, func.count()).group_by(status))
    found |= {name: number for name, number in rows}  # noqa: C416 - rows are not yet pairs to mypy
    found[Standing.SUPPRESSED.value] = conn.execute(
        select(func.count()).select_from(Suppression)
    ).scalar_one()
    return found


def find(conn: Connection, address: str) -> Member | None:
    """The member of that address. Raises BadAddress."""
    return _first(conn, col(Subscriber.key) == parse(address).key)


def by_ref(conn: Connection, ref: str) -> Member | None:
    return _first(conn, col(Subscriber.ref) == ref)


def suppressed(conn: Connection, fingerprints: Sequence[str]) -> tuple[str, datetime] | None:
    """Why and since when an address is kept from being written to, by its keyed hashes."""
    row = conn.execute(
        select(col(Suppression.reason), col(Suppression.at)).where(
            col(Suppression.fingerprint).in_(fingerprints)
        )
    ).first()
    return (row.reason, row.at) if row else None


def listing(conn: Connection, *, status: str | None = None) -> Iterator[Member]:
    """Everybody, in the order in which they came."""
    where = [] if status is None else [col(Subscriber.status) == status]
    query = select(*_COLUMNS).where(*where).order_by(col(Subscriber.id))
    with conn.execute(query.execution_options(yield_per=2_000)) as rows:
        for row in rows:
            yield _member(row)


def _first(conn: Connection, where: ColumnElement[bool]) -> Member | None:
    row = conn.execute(select(*_COLUMNS).where(where)).one_or_none()
    return _member(row) if row else None


# Not read as JSON: the text tells one choice from another, and costs nothing for each reader.
_TOPICS = cast(col(Subscriber.topics), Text).label("topics")
_READER: tuple[Any, ...] = (
    *(getattr(Subscriber, name) for name in Reader.__slots__ if name != "topics"),
    _TOPICS,
)
_COLUMNS: tuple[Any, ...] = tuple(getattr(Subscriber, name) for name in Member.__slots__)


def _member(row: Any) -> Member:
    values = row._asdict()
    return Member(**{**values, "topics": tuple(values["topics"])})


def history(conn: Connection, subscriber: int) -> list[dict[str, Any]]:
    """What a reader agreed to and took back, oldest first, with the words and the evidence."""
    query = (
        select(
            *(getattr(Consent, name) for name in ("sequence", "at", "act", "how", "hash")),
            col(Wording.text).label("words"),
            col(Wording.version),
            col(Wording.language),
            col(EvidenceRow.body),
            col(EvidenceRow.network),
        )
        .outerjoin(Wording, col(Wording.digest) == col(Consent.wording))
        .outerjoin(EvidenceRow, col(EvidenceRow.sequence) == col(Consent.sequence))
        .where(col(Consent.subscriber) == subscriber)
        .order_by(col(Consent.sequence))
    )
    return [
        {
            "sequence": row.sequence,
            "at": row.at.isoformat(),
            "act": row.act,
            "how": row.how,
            "wording": row.words or "",
            "version": row.version or "",
            "language": row.language or "",
            "evidence": json.loads(row.body or "{}") | json.loads(row.network or "{}"),
            "hash": row.hash,
        }
        for row in conn.execute(query)
    ]
