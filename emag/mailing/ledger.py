"""The functions that keep and find its rows."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from emag.issues.issue import Status as IssueStatus
from emag.issues.tables import ISSUES
from emag.mailing.delivery import Receipt, Report, Status, answered, is_dead
from emag.mailing.event import EventKind
from emag.mailing.tables import DELIVERIES, EVENTS, MAILINGS
from subscribers import roll
from subscribers.roll import Reader

# A sent issue is among them for the sake of what the editor had sent again.
_MAY_LEAVE = frozenset({IssueStatus.SENDING, IssueStatus.SENT})
_WAITING = (Status.QUEUED.value, Status.DEFERRED.value)
_UNFINISHED = (*_WAITING, Status.INFLIGHT.value)
_PAGE = 2_000

_D = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is ours until its lease ends, to a reader who may be written to now."""

    delivery: int
    attempts: int
    reader: Reader


@dataclass(frozen=True, slots=True)
class Listed:
    """One delivery for the editor. The address is empty for a reader who was erased."""

    delivery: int
    address: str
    status: str
    report: str
    reason: str
    attempts: int


# Built once: building them for every group costs more than the database does.
_STATUS = select(ISSUES.c.status).where(ISSUES.c.number == bindparam("b_issue"))
_STATUS_HELD = _STATUS.with_for_update()
_DUE = (
    select(_D.id, _D.subscriber, _D.attempts)
    .where(
        _D.issue == bindparam("b_issue"),
        _D.status == bindparam("b_status"),
        _D.not_before <= bindparam("b_now"),
    )
    .order_by(_D.not_before, _D.id)
    .limit(bindparam("b_limit"))
    .with_for_update(skip_locked=True)
)
_TAKE = (
    update(DELIVERIES)
    .where(_D.id == bindparam("b_id"))
    .values(
        status=Status.INFLIGHT.value,
        worker=bindparam("b_worker"),
        lease_until=bindparam("b_until"),
    )
)


def status_of(conn: Connection, number: int, *, hold: bool = False) -> IssueStatus | None:
    """The issue's, without its picks. With `hold` nobody else takes a step of it meanwhile."""
    query = _STATUS_HELD if hold else _STATUS
    found = conn.execute(query, {"b_issue": number}).scalar()
    return None if found is None else IssueStatus(found)


def claim(
    conn: Connection, number: int, *, worker: str, limit: int, lease: timedelta, now: datetime
) -> list[Claim]:
    """The next deliveries, at most `limit`; none once the issue is paused, cancelled or done.

    Standing is read again in the same transaction: who left since gets nothing, and is skipped
    with that reason.
    """
    if status_of(conn, number) not in _MAY_LEAVE:
        return []
    while due := _due(conn, number, limit, now):
        readers = roll.writable(conn, [subscriber for _, subscriber, _ in due], now=now)
        gone = [delivery for delivery, subscriber, _ in due if subscriber not in readers]
        if gone:
            _skip(conn, _D.id.in_(gone), "may not be written to any more", now=now)
        claims = [Claim(d, attempts, readers[s]) for d, s, attempts in due if s in readers]
        if claims:
            ours = {"b_worker": worker, "b_until": now + lease}
            conn.execute(_TAKE, [{"b_id": c.delivery, **ours} for c in claims])
            return claims
    return []


def _due(conn: Connection, number: int, limit: int, now: datetime) -> list[tuple[int, int, int]]:
    """(delivery, subscriber, attempts): those that waited for another attempt come first.

    Other workers' picks are passed over on PostgreSQL; on SQLite there are none meanwhile.
    """
    found: list[tuple[int, int, int]] = []
    for status in (Status.DEFERRED, Status.QUEUED):
        told = {"b_issue": number, "b_status": status.value, "b_now": now}
        rows = conn.execute(_DUE, {**told, "b_limit": limit - len(found)})
        found += [(row.id, row.subscriber, row.attempts) for row in rows]
        if len(found) == limit:
            break
    return found


# A sender that was given up too early still knows best what came of its own messages.
_RECORD = (
    update(DELIVERIES)
    .where(
        _D.id == bindparam("b_id"),
        _D.worker == bindparam("b_worker"),
        # No IN: its list is spelt out per execution, which executemany cannot do.
        or_(_D.status == Status.INFLIGHT.value, _D.status == Status.DOUBTFUL.value),
    )
    .values(
        status=bindparam("b_status"),
        attempts=bindparam("b_attempts"),
        not_before=bindparam("b_not_before"),
        reason=bindparam("b_reason"),
        reference=bindparam("b_reference"),
        lease_until=None,
        settled_at=bindparam("b_now"),
    )
)


def record(
    conn: Connection,
    outcomes: Sequence[tuple[Claim, Receipt]],
    *,
    worker: str,
    now: datetime,
) -> None:
    """Writes what became of a worker's own claims; anybody else's are left alone."""
    rows = []
    for claimed, receipt in outcomes:
        answer = answered(receipt, claimed.attempts, now=now)
        rows.append(
            {
                "b_id": claimed.delivery,
                "b_worker": worker,
                "b_status": answer.status.value,
                "b_attempts": answer.attempts,
                "b_not_before": answer.not_before,
                "b_reason": answer.reason,
                "b_reference": receipt.reference,
                "b_now": now,
            }
        )
    if rows:
        conn.execute(_RECORD, rows)
    dead = [_bounce(c, receipt, now=now) for c, receipt in outcomes if is_dead(receipt)]
    if dead:
        conn.execute(insert(EVENTS), dead)


def _bounce(claimed: Claim, receipt: Receipt, *, now: datetime) -> dict[str, object]:
    """What a server says while we are connected is a report like one that comes later."""
    return {
        "provider": "transport",
        "event_id": f"{claimed.delivery}/{claimed.attempts}",
        "kind": EventKind.BOUNCED.value,
        "at": now,
        "mark": "",
        "subscriber": claimed.reader.id,
        "detail": receipt.reason,
    }


def renew(conn: Connection, *, worker: str, until: datetime) -> None:
    """A worker that is alive keeps what it claimed."""
    mine = and_(_D.worker == worker, _D.status == Status.INFLIGHT.value)
    conn.execute(update(DELIVERIES).where(mine).values(lease_until=until))


def workers(conn: Connection, number: int) -> list[str]:
    """Who holds something of this issue."""
    query = select(_D.worker).where(_D.issue == number, _D.status == Status.INFLIGHT.value)
    return list(conn.execute(query.distinct()).scalars())


def expire(conn: Connection, number: int, *, gone: Collection[str] = (), now: datetime) -> int:
    """What a sender left behind is doubtful: it may have been handed over, so it is not repeated.

    A sender is given up once its lease is over, or at once if it is among the `gone`.
    """
    left = and_(_D.issue == number, _D.status == Status.INFLIGHT.value)
    over = or_(_D.lease_until <= now, _D.worker.in_(list(gone)))
    values = {
        "status": Status.DOUBTFUL.value,
        "attempts": _D.attempts + 1,
        "lease_until": None,
        "reason": "the sender stopped before it saw the answer",
        "settled_at": now,
    }
    return conn.execute(update(DELIVERIES).where(left, over).values(values)).rowcount


def skip_rest(conn: Connection, number: int, *, reason: str, now: datetime) -> int:
    """What has not left yet never will."""
    return _skip(conn, and_(_D.issue == number, _D.status.in_(_WAITING)), reason, now=now)


def _skip(conn: Connection, which: ColumnElement[bool], reason: str, *, now: datetime) -> int:
    values = {"status": Status.SKIPPED.value, "reason": reason, "settled_at": now}
    return conn.execute(update(DELIVERIES).where(which).values(values)).rowcount


def addressed(conn: Connection, number: int) -> int | None:
    """How many readers the issue was addressed to, or None: not yet."""
    query = select(MAILINGS.c.planned).where(MAILINGS.c.issue == number)
    return conn.execute(query).scalar()


def counts(conn: Connection, number: int) -> dict[str, int]:
    """How many of each status, which add up to `planned`, and reports on accepted ones."""
    found = {name.value: 0 for name in (*Status, *Report) if name.value}
    query = select(_D.status, _D.report, func.count()).where(_D.issue == number)
    for status, report, many in conn.execute(query.group_by(_D.status, _D.report)):
        found[status] += many
        if report:
            found[report] += many
    return {"planned": sum(found[status.value] for status in Status)} | found


def is_finished(counted: dict[str, int]) -> bool:
    """True if nothing is to be sent any more. What is doubtful does not hold an issue up."""
    return not any(counted[status] for status in _UNFINISHED)


def next_due(conn: Connection, number: int) -> datetime | None:
    """When something waits to be sent, or a sender will be given up; None for nothing at all."""
    waiting = select(func.min(_D.not_before)).where(_D.issue == number, _D.status.in_(_WAITING))
    held = select(func.min(_D.lease_until)).where(
        _D.issue == number, _D.status == Status.INFLIGHT.value
    )
    found = [conn.execute(query).scalar() for query in (waiting, held)]
    return min((moment for moment in found if moment), default=None)


def unfinished(conn: Connection) -> list[int]:
    """The issues of which something should be on its way: for the sweep that comes round."""
    some = select(_D.id).where(_D.issue == ISSUES.c.number, _D.status.in_(_UNFINISHED)).exists()
    sending = ISSUES.c.status == IssueStatus.SENDING.value
    query = select(ISSUES.c.number).where(
        or_(sending, and_(ISSUES.c.status == IssueStatus.SENT.value, some))
    )
    return list(conn.execute(query.order_by(ISSUES.c.number)).scalars())


def listing(conn: Connection, number: int, *, status: str | None = None) -> Iterator[Listed]:
    """Every delivery of an issue, or those of one status or report."""
    where = [_D.issue == number]
    if status is not None:
        where.append(_D.report == status if status in _REPORTS else _D.status == status)
    columns = (_D.id, _D.subscriber, _D.status, _D.report, _D.reason, _D.attempts)
    last = 0
    while True:
        page = select(*columns).where(*where, _D.id > last).order_by(_D.id).limit(_PAGE)
        rows = conn.execute(page).all()
        readers = roll.readers(conn, [row.subscriber for row in rows])
        for row in rows:
            reader = readers.get(row.subscriber)
            address = reader.address if reader else ""
            yield Listed(row.id, address, row.status, row.report, row.reason, row.attempts)
        if len(rows) < _PAGE:
            return
        last = rows[-1].id


_REPORTS = frozenset(report.value for report in Report if report.value)
