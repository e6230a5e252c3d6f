"""Reads the list: the audience of an issue, single readers, counts."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, cast, func, or_, select

from subscribers import dialect
from subscribers.address import parse
from subscribers.consent import ConsentAct
from subscribers.standing import Standing
from subscribers.tables import CONSENTS, EVIDENCE, SUBSCRIBERS, SUPPRESSIONS, WORDINGS

_AT_ONCE = 5_000  # ids in one query: SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to write to. `ref` is what the tokens of their links contain.

    `topics` is the text that the database stores; `chosen` reads it.
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


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """An entry of the consent record, with the words and the evidence; `by` is the editor."""

    sequence: int
    at: datetime
    act: str
    how: str
    by: str
    wording: str
    version: str
    language: str
    evidence: Mapping[str, object]
    hash: str


def audience(now: datetime) -> "Select[int | None, str]":
    """Makes a SELECT of the id and topics of everyone who may be written to."""
    return select(SUBSCRIBERS.c.id, _TOPICS).where(*_may_be_written_to(now))


def reachable(now: "datetime | ColumnElement[datetime]") -> Select[Any]:
    """Makes a SELECT of the readers who may be written to, with the columns of Reader."""
    return select(*_READER).where(*_may_be_written_to(now))


def batch(conn: Connection, query: Select[Any], *, after: int, limit: int) -> list[Reader]:
    """Gives the next readers of a SELECT like `reachable`, in the order of their ids."""
    number = _READER[0]
    query = query.where(number > after).order_by(number).limit(limit)
    return [Reader(*row) for row in conn.execute(query).all()]


def writable(conn: Connection, ids: Sequence[int], *, now: datetime) -> dict[int, Reader]:
    """Gives those of `ids` who may be written to at this moment."""
    return _readers(conn, ids, *_may_be_written_to(now))


def readers(conn: Connection, ids: Sequence[int]) -> dict[int, Reader]:
    """Gives those of `ids` who are on the list in any status: for an editor, not for mail."""
    return _readers(conn, ids)


def _may_be_written_to(
    now: "datetime | ColumnElement[datetime]",
) -> tuple[ColumnElement[bool], ...]:
    paused = SUBSCRIBERS.c.paused_until
    is_active = SUBSCRIBERS.c.status == Standing.ACTIVE.value
    return (is_active, or_(paused.is_(None), paused <= now))


def _readers(
    conn: Connection, ids: Sequence[int], *where: ColumnElement[bool]
) -> dict[int, Reader]:
    number = _READER[0]
    by_id: dict[int, Reader] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = number.in_(ids[start : start + _AT_ONCE])
        for row in conn.execute(select(*_READER).where(some, *where)).all():
            by_id[row.id or 0] = Reader(*row)
    return by_id


def chosen(topics: str) -> tuple[str, ...]:
    """Reads the topics of a Reader; none means all of them."""
    names = json.loads(topics or "[]")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def counts(conn: Connection) -> dict[str, int]:
    """Counts people by status; `suppressed` are addresses known by their hash."""
    status = SUBSCRIBERS.c.status
    numbers = {s.value: 0 for s in Standing if s is not Standing.UNKNOWN}
    rows = conn.execute(select(status, func.count()).group_by(status))
    numbers |= {name: number for name, number in rows}  # noqa: C416 - rows are not pairs for mypy
    numbers[Standing.SUPPRESSED.value] = conn.execute(
        select(func.count()).select_from(SUPPRESSIONS)
    ).scalar_one()
    return numbers


def count_paused(conn: Connection, *, now: datetime) -> int:
    """Counts the active readers who asked for no mail until a day to come."""
    active = SUBSCRIBERS.c.status == Standing.ACTIVE.value
    query = select(func.count()).where(active, SUBSCRIBERS.c.paused_until > now)
    return conn.execute(query).scalar_one()


def find(conn: Connection, address: str) -> Member | None:
    """Gives the member with that address. Raises BadAddress."""
    return _first(conn, SUBSCRIBERS.c.key == parse(address).key)


def by_ref(conn: Connection, ref: str) -> Member | None:
    return _first(conn, SUBSCRIBERS.c.ref == ref)


def by_number(conn: Connection, number: int) -> Member | None:
    return _first(conn, SUBSCRIBERS.c.id == number)


def newest(conn: Connection, *where: ColumnElement[bool], limit: int) -> list[Member]:
    """Gives the newest members to which all these conditions apply."""
    query = select(*_COLUMNS).where(*where).order_by(SUBSCRIBERS.c.id.desc()).limit(limit)
    return [_member(row) for row in conn.execute(query)]


def suppressed(conn: Connection, fingerprints: Sequence[str]) -> tuple[str, datetime] | None:
    """Gives why and since when an address is suppressed, by its keyed hashes."""
    row = conn.execute(
        select(SUPPRESSIONS.c.reason, SUPPRESSIONS.c.at).where(
            SUPPRESSIONS.c.fingerprint.in_(fingerprints)
        )
    ).first()
    return (row.reason, row.at) if row else None


def domains(conn: Connection) -> Select[Any]:
    """Makes a SELECT of the `id` and `domain` of everybody on the list."""
    domain: Any = dialect.domain(conn, SUBSCRIBERS.c.address)
    return select(SUBSCRIBERS.c.id.label("id"), domain.label("domain"))


def departures(*, since: datetime) -> Select[Any]:
    """Makes a SELECT of the entries of who left since then, or took that back."""
    acts = (ConsentAct.LEFT, ConsentAct.ERASED, ConsentAct.RETURNED)
    names = ("sequence", "subscriber", "at", "act")
    query = select(*(CONSENTS.c[name] for name in names))
    return query.where(CONSENTS.c.act.in_(acts), CONSENTS.c.at >= since)


def listing(conn: Connection, *, status: str | None = None, search: str = "") -> Iterator[Member]:
    """Gives everybody, in the order in which they came.

    `search` is a part of the address or name, in capital or small letters.
    """
    where = [] if status is None else [SUBSCRIBERS.c.status == status]
    if search.isascii() and search:  # SQLite knows capital letters of ASCII only
        parts = (SUBSCRIBERS.c.address, SUBSCRIBERS.c.name)
        where.append(or_(*(part.icontains(search, autoescape=True) for part in parts)))
        search = ""
    query = select(*_COLUMNS).where(*where).order_by(SUBSCRIBERS.c.id)
    with conn.execute(query.execution_options(yield_per=2_000)) as rows:
        for row in rows:
            if search.casefold() in f"{row.address}\n{row.name}".casefold():
                yield _member(row)


def _first(conn: Connection, where: ColumnElement[bool]) -> Member | None:
    row = conn.execute(select(*_COLUMNS).where(where)).one_or_none()
    return _member(row) if row else None


# Not parsed as JSON: the text is enough to tell one choice from another, and costs nothing.
_TOPICS = cast(SUBSCRIBERS.c.topics, Text).label("topics")
_READER: tuple[Any, ...] = (
    *(SUBSCRIBERS.c[name] for name in Reader.__slots__ if name != "topics"),
    _TOPICS,
)
_COLUMNS: tuple[Any, ...] = tuple(SUBSCRIBERS.c[name] for name in Member.__slots__)


def _member(row: Any) -> Member:
    values = row._asdict()
    return Member(**{**values, "topics": tuple(values["topics"])})


def reason(conn: Connection, member: Member) -> str:
    """Gives what the server said when the reader's mail bounced, or they complained."""
    if member.status not in {Standing.BOUNCED, Standing.COMPLAINED}:
        return ""
    query = (
        select(EVIDENCE.c.body)
        .join(CONSENTS, CONSENTS.c.sequence == EVIDENCE.c.sequence)
        .where(CONSENTS.c.subscriber == member.id, CONSENTS.c.act == member.status)
        .order_by(CONSENTS.c.sequence.desc())
        .limit(1)
    )
    evidence = json.loads(conn.execute(query).scalar_one_or_none() or "{}")
    return str(evidence.get("detail", ""))


def history(conn: Connection, subscriber: int) -> list[ConsentEvent]:
    """Gives what a reader agreed to and withdrew, oldest first."""
    query = (
        select(
            *(CONSENTS.c[name] for name in ("sequence", "at", "act", "how", "hash")),
            WORDINGS.c.text.label("words"),
            WORDINGS.c.version,
            WORDINGS.c.language,
            EVIDENCE.c.body,
            EVIDENCE.c.network,
        )
        .outerjoin(WORDINGS, WORDINGS.c.digest == CONSENTS.c.wording)
        .outerjoin(EVIDENCE, EVIDENCE.c.sequence == CONSENTS.c.sequence)
        .where(CONSENTS.c.subscriber == subscriber)
        .order_by(CONSENTS.c.sequence)
    )
    return [_event(row) for row in conn.execute(query)]


def _event(row: Any) -> ConsentEvent:
    evidence = json.loads(row.body or "{}") | json.loads(row.network or "{}")
    return ConsentEvent(
        sequence=row.sequence,
        at=row.at,
        act=row.act,
        how=row.how,
        by=evidence.pop("by", ""),
        wording=row.words or "",
        version=row.version or "",
        language=row.language or "",
        evidence=evidence,
        hash=row.hash,
    )
