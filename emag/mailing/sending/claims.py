"""Claims deliveries and records their outcomes: the two writes on every message's way."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Dialect, bindparam, exists, insert, or_, select
from sqlalchemy.sql.compiler import SQLCompiler

from emag.issues.issue import Status as IssueStatus
from emag.issues.tables import ISSUES
from emag.mailing import transitions
from emag.mailing.delivery import DeliveryStatus, Receipt, apply_receipt, is_dead_address
from emag.mailing.event import EventKind
from emag.mailing.sending.domain_throttle import DomainThrottle, Postponement
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import roll
from subscribers.dialect import UpdateMany, binder
from subscribers.roll import Reader

# A sent issue is among them because an editor may have some of its copies sent again.
MAY_LEAVE = frozenset({IssueStatus.SENDING, IssueStatus.SENT})

# Tells whether the issue has a story for readers who chose these topics, as in Reader.topics.
HasStories = Callable[[str], object]

_AT_ONCE, _ROUNDS = 500, 20
_NOT_REACHABLE = "may not be written to any more"
_NO_STORIES = "the issue has no story of the topics that the reader chose"

_D = DELIVERIES.c


class Claim(NamedTuple):
    """A delivery held until its lease ends, to a reader who may be written to now."""

    delivery: int
    attempts: int
    reader: Reader


# What is due, with its reader if that reader may be written to at this moment. The few rows are
# picked before they are joined, so that no query planner joins the whole list.
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
            # No IN: SQLAlchemy expands its list at each execution, and this is compiled once.
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
_POSTPONE = UpdateMany(DELIVERIES, ("not_before", "reason"))


def claim(
    conn: Connection,
    number: int,
    *,
    worker: str,
    limit: int,
    lease: timedelta,
    now: datetime,
    throttle: DomainThrottle | None = None,
    has_stories: HasStories | None = None,
) -> list[Claim]:
    """Claims the next deliveries, at most `limit`; none once the issue is paused or cancelled.

    They are written down as in flight before they leave: what is lost from then on is in doubt.
    The same query reads the reader's status and topics again. A delivery is skipped, with the
    reason, if its reader has unsubscribed since or chose topics of which the issue has no story.
    It is postponed, and costs no attempt, if the throttle holds its domain back.
    """
    stamp, claims = _stamper(conn.dialect), list[Claim]()
    # Thousands of deliveries may wait for one domain: these are postponed by the hundred.
    for size in (limit, *[max(limit, _AT_ONCE)] * _ROUNDS):
        rows = _due(conn, number, size, now)
        claims, skipped, postponed = _sorted(rows, limit, throttle, has_stories, now)
        settled_at = stamp(now)
        transitions.SKIP.run(conn, [(reason, settled_at, d) for d, reason in skipped])
        _POSTPONE.run(conn, [(stamp(p.until), p.reason, d) for d, p in postponed])
        if claims or not rows:
            break
    if claims:
        until = stamp(now + lease)
        transitions.CLAIM.run(conn, [(worker, until, claim.delivery) for claim in claims])
    return claims


def _sorted(
    rows: Sequence[Any],
    limit: int,
    throttle: DomainThrottle | None,
    has_stories: HasStories | None,
    now: datetime,
) -> tuple[list[Claim], list[tuple[int, str]], list[tuple[int, Postponement]]]:
    """Deliveries that leave now; those that never will, and why; those that have to wait."""
    claims: list[Claim] = []
    skipped: list[tuple[int, str]] = []
    postponed: list[tuple[int, Postponement]] = []
    for delivery, attempts, reason, *columns in rows:
        if len(claims) == limit:
            break
        if columns[0] is None:
            skipped.append((delivery, _NOT_REACHABLE))
            continue
        reader = Reader(*columns)
        if has_stories and not has_stories(reader.topics):
            skipped.append((delivery, _NO_STORIES))
            continue
        had_turn = bool(attempts or reason)
        if throttle and (wait := throttle.check(reader.address, had_turn=had_turn, now=now)):
            postponed.append((delivery, wait))
        else:
            claims.append(Claim(delivery, attempts, reader))
    return claims, skipped, postponed


def _due(conn: Connection, number: int, limit: int, now: datetime) -> list[Any]:
    """The deliveries whose time has come; those that wait for another attempt come first.

    On PostgreSQL it passes over rows that other workers are claiming. On SQLite there are none,
    because only one transaction writes at a time.
    """
    rows: list[Any] = []
    values: dict[str, Any] = {"issue": number, "now": _stamper(conn.dialect)(now)}
    statement, parameters = _compiled(conn.dialect)
    with closing(conn.connection.cursor()) as cursor:
        for status in (DeliveryStatus.DEFERRED, DeliveryStatus.QUEUED):
            values |= {"status": status.value, "limit": limit - len(rows)}
            cursor.execute(statement, parameters(values))
            rows += cursor.fetchall()
            if len(rows) == limit:
                break
    return rows


def record(
    conn: Connection, outcomes: Sequence[tuple[Claim, Receipt]], *, worker: str, now: datetime
) -> None:
    """Records the outcomes of a worker's own claims; the claims of others are left alone."""
    if not outcomes:
        return
    stamp = _stamper(conn.dialect)
    settled_at = stamp(now)
    rows = []
    for claimed, receipt in outcomes:
        after = apply_receipt(receipt, claimed.attempts, now=now)
        due = settled_at if after.not_before is now else stamp(after.not_before)
        rows.append(
            (after.status.value, after.attempts, due, after.reason, receipt.reference, settled_at,
             claimed.delivery, worker)
        )  # fmt: skip
    transitions.RECORD.run(conn, rows)
    bounces = [_bounce(c, receipt, now=now) for c, receipt in outcomes if is_dead_address(receipt)]
    if bounces:
        conn.execute(insert(EVENTS), bounces)


def _bounce(claimed: Claim, receipt: Receipt, *, now: datetime) -> dict[str, object]:
    """The event of an address that does not exist: it counts like a bounce that comes later."""
    return {
        "provider": "transport",
        "event_id": f"{claimed.delivery}/{claimed.attempts}",
        "kind": EventKind.HARD.value,
        "at": now,
        "mark": "",
        "subscriber": claimed.reader.id,
        "detail": receipt.reason,
    }


@lru_cache(maxsize=4)
def _compiled(dialect: Dialect) -> tuple[str, Callable[[dict[str, Any]], Any]]:
    """The query as the driver takes it, and a function that arranges its parameters."""
    compiled = _DUE.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    fixed = {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required}
    positions = compiled.positiontup  # SQLite takes parameters by position
    if positions is None:
        return compiled.string, lambda values: fixed | values
    return compiled.string, lambda values: tuple([(fixed | values)[name] for name in positions])


def _stamper(dialect: Dialect) -> Callable[[datetime], Any]:
    return binder(dialect, _D.not_before.type)
