"""Claim and record: the two writes on every message's way, in the database's own words."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, exists, insert, or_, select
from sqlalchemy.sql.compiler import SQLCompiler

from emag.issues.issue import Status as IssueStatus
from emag.issues.tables import ISSUES
from emag.mailing.delivery import DeliveryStatus, Receipt, apply_receipt, is_dead_address
from emag.mailing.event import EventKind
from emag.mailing.sending.domain_throttle import DomainThrottle, Postponement
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import roll
from subscribers.roll import Reader

# A sent issue is among them for the sake of what the editor had sent again.
MAY_LEAVE = frozenset({IssueStatus.SENDING, IssueStatus.SENT})

# Whether the issue has a story for readers who chose these topics, as in Reader.topics.
Reads = Callable[[str], object]

_AT_ONCE, _ROUNDS = 500, 20

_D = DELIVERIES.c


class Claim(NamedTuple):
    """A delivery that is ours until its lease ends, to a reader who may be written to now."""

    delivery: int
    attempts: int
    reader: Reader


# What waits, with its reader if that one may be written to at this moment. The few are picked
# before they are joined, so that no planner ever joins the whole list.
_NOW = bindparam("now", type_=_D.not_before.type)
_READER = roll.reachable(_NOW).subquery("reader")
_PICK = (
    select(_D.id, _D.subscriber, _D.attempts, _D.reason, _D.not_before)
    .where(
        _D.issue == bindparam("issue"),
        _D.status == bindparam("status"),
        _D.not_before <= _NOW,
        exists().where(
            ISSUES.c.number == bindparam("issue"),
            # No IN: its list is spelt out at each execution, and this is compiled once.
            or_(*(ISSUES.c.status == status.value for status in sorted(MAY_LEAVE))),
        ),
    )
    .order_by(_D.not_before, _D.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .subquery("pick")
)
_DUE = (
    select(_PICK.c.id, _PICK.c.attempts, _PICK.c.reason, *_READER.c)
    .select_from(_PICK.outerjoin(_READER, _READER.c.id == _PICK.c.subscriber))
    .order_by(_PICK.c.not_before, _PICK.c.id)
)

# By the driver: what SQLAlchemy does for each row costs more than the database does for it.
_TAKE = {
    "sqlite": "UPDATE deliveries SET status = 'inflight', worker = ?, lease_until = ? WHERE id = ?",
    "postgresql": "UPDATE deliveries SET status = 'inflight', worker = %(worker)s, "
    "lease_until = %(until)s WHERE id = ANY(%(ids)s)",
}
_SKIP = {
    "sqlite": "UPDATE deliveries SET status = 'skipped', reason = ?, settled_at = ? WHERE id = ?",
    "postgresql": "UPDATE deliveries SET status = 'skipped', reason = %(reason)s, "
    "settled_at = %(now)s WHERE id = ANY(%(ids)s)",
}
_HOLD = {
    "sqlite": "UPDATE deliveries SET not_before = ?, reason = ? WHERE id = ?",
    "postgresql": "UPDATE deliveries AS d SET not_before = v.until, reason = v.reason "
    "FROM unnest(%(until)s::timestamptz[], %(reason)s::text[], %(ids)s::bigint[]) "
    "AS v(until, reason, id) WHERE d.id = v.id",
}
_GONE = "may not be written to any more"
_NOTHING = "the issue has no story of the topics that the reader chose"
# A sender that was given up too early still knows best what came of its own messages.
_RECORD = {
    "sqlite": "UPDATE deliveries SET status = ?, attempts = ?, not_before = ?, reason = ?, "
    "reference = ?, settled_at = ?, lease_until = NULL WHERE id = ? AND worker = ? "
    "AND (status = 'inflight' OR status = 'doubtful')",
    "postgresql": "UPDATE deliveries AS d SET status = v.status, attempts = v.attempts, "
    "not_before = v.not_before, reason = v.reason, reference = v.reference, "
    "settled_at = v.settled_at, lease_until = NULL "
    "FROM unnest(%(status)s::text[], %(attempts)s::int[], %(not_before)s::timestamptz[], "
    "%(reason)s::text[], %(reference)s::text[], %(settled_at)s::timestamptz[], "
    "%(id)s::bigint[], %(worker)s::text[]) AS v(status, attempts, not_before, reason, reference, "
    "settled_at, id, worker) WHERE d.id = v.id AND d.worker = v.worker "
    "AND d.status IN ('inflight', 'doubtful')",
}
_RECORDED = (
    "status", "attempts", "not_before", "reason", "reference", "settled_at", "id", "worker"
)  # fmt: skip


def claim(
    conn: Connection,
    number: int,
    *,
    worker: str,
    limit: int,
    lease: timedelta,
    now: datetime,
    domains: DomainThrottle | None = None,
    reads: Reads | None = None,
) -> list[Claim]:
    """The next deliveries, at most `limit`; none once the issue is paused, cancelled or done.

    They are written down as on their way: what is lost from then on is in doubt. Standing and
    topics are read again in the same query: who left since, or chose topics of which the issue has
    no story, gets nothing, and is skipped with that reason. Whose domain has had enough for now
    waits, and costs no attempt.
    """
    stamp, claims = _stamper(conn.dialect), list[Claim]()
    # A domain that rests may have thousands in line: they are put off by the hundred.
    for pick in (limit, *[max(limit, _AT_ONCE)] * _ROUNDS):
        due = _due(conn, number, pick, now)
        claims, skipped, held = _sorted(due, limit, domains, reads, now)
        for reason, ids in skipped.items():
            _each(conn, _SKIP, ids, reason=reason, now=stamp(now))
        if held:
            _hold(conn, held)
        if claims or not due:
            break
    if claims:
        until = stamp(now + lease)
        _each(conn, _TAKE, [c.delivery for c in claims], worker=worker, until=until)
    return claims


def _sorted(
    due: Sequence[Any],
    limit: int,
    domains: DomainThrottle | None,
    reads: Reads | None,
    now: datetime,
) -> tuple[list[Claim], dict[str, list[int]], list[tuple[int, Postponement]]]:
    """Those that leave, those that never will and why, those whose turn has not come."""
    claims: list[Claim] = []
    skipped: dict[str, list[int]] = {}
    held: list[tuple[int, Postponement]] = []
    for delivery, attempts, reason, *who in due:
        if len(claims) == limit:
            break
        if who[0] is None:
            skipped.setdefault(_GONE, []).append(delivery)
            continue
        reader = Reader(*who)
        if reads and not reads(reader.topics):
            skipped.setdefault(_NOTHING, []).append(delivery)
            continue
        waited = bool(attempts or reason)
        if domains and (hold := domains.check(reader.address, waited=waited, now=now)):
            held.append((delivery, hold))
        else:
            claims.append(Claim(delivery, attempts, reader))
    return claims, skipped, held


def _due(conn: Connection, number: int, limit: int, now: datetime) -> list[Any]:
    """Those that waited for another attempt come first.

    Other workers' picks are passed over on PostgreSQL; on SQLite there are none meanwhile.
    """
    found: list[Any] = []
    told: dict[str, Any] = {"issue": number, "now": _stamper(conn.dialect)(now)}
    words, parameters = _compiled(conn.dialect)
    with closing(conn.connection.cursor()) as cursor:
        for status in (DeliveryStatus.DEFERRED, DeliveryStatus.QUEUED):
            told |= {"status": status.value, "limit": limit - len(found)}
            cursor.execute(words, parameters(told))
            found += cursor.fetchall()
            if len(found) == limit:
                break
    return found


def record(
    conn: Connection, outcomes: Sequence[tuple[Claim, Receipt]], *, worker: str, now: datetime
) -> None:
    """Writes what became of a worker's own claims; anybody else's are left alone."""
    if not outcomes:
        return
    stamp = _stamper(conn.dialect)
    this = stamp(now)
    rows = []
    for claimed, receipt in outcomes:
        answer = apply_receipt(receipt, claimed.attempts, now=now)
        due = this if answer.not_before is now else stamp(answer.not_before)
        rows.append(
            (answer.status.value, answer.attempts, due, answer.reason, receipt.reference, this,
             claimed.delivery, worker)
        )  # fmt: skip
    with closing(conn.connection.cursor()) as cursor:
        if conn.dialect.name == "sqlite":
            cursor.executemany(_RECORD["sqlite"], rows)
        else:
            columns = map(list, zip(*rows, strict=True))
            told = dict(zip(_RECORDED, columns, strict=True))
            cursor.execute(_RECORD["postgresql"], told)
    dead = [_bounce(c, receipt, now=now) for c, receipt in outcomes if is_dead_address(receipt)]
    if dead:
        conn.execute(insert(EVENTS), dead)


def _bounce(claimed: Claim, receipt: Receipt, *, now: datetime) -> dict[str, object]:
    """What a server says while we are connected is a report like one that comes later."""
    return {
        "provider": "transport",
        "event_id": f"{claimed.delivery}/{claimed.attempts}",
        "kind": EventKind.HARD.value,
        "at": now,
        "mark": "",
        "subscriber": claimed.reader.id,
        "detail": receipt.reason,
    }


def _hold(conn: Connection, held: Sequence[tuple[int, Postponement]]) -> None:
    stamp = _stamper(conn.dialect)
    rows = [(stamp(hold.until), hold.reason, delivery) for delivery, hold in held]
    with closing(conn.connection.cursor()) as cursor:
        if conn.dialect.name == "sqlite":
            cursor.executemany(_HOLD["sqlite"], rows)
        else:
            until, reason, ids = map(list, zip(*rows, strict=True))
            cursor.execute(_HOLD["postgresql"], {"until": until, "reason": reason, "ids": ids})


def _each(conn: Connection, words: dict[str, str], ids: list[int], **values: Any) -> None:
    """One statement for the ids on PostgreSQL, one run of a prepared one for each on SQLite."""
    with closing(conn.connection.cursor()) as cursor:
        if conn.dialect.name == "sqlite":
            told = tuple(values.values())
            cursor.executemany(words["sqlite"], [(*told, number) for number in ids])
        else:
            cursor.execute(words["postgresql"], {**values, "ids": ids})


@lru_cache(maxsize=4)
def _compiled(dialect: Dialect) -> tuple[str, Callable[[dict[str, Any]], Any]]:
    """The query in the driver's words, and what makes its parameters of values by name."""
    compiled = _DUE.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    places = compiled.positiontup  # SQLite knows parameters by their place
    if places is None:
        return compiled.string, lambda told: fixed | told
    return compiled.string, lambda told: tuple([(fixed | told)[name] for name in places])


@lru_cache(maxsize=4)
def _stamper(dialect: Dialect) -> Callable[[datetime], Any]:
    """A moment as the driver wants it: text on SQLite, itself on PostgreSQL."""
    kind = _D.not_before.type
    return kind.dialect_impl(dialect).bind_processor(dialect) or (lambda moment: moment)
