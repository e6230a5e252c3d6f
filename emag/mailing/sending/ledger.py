"""The functions that keep and find its rows."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from emag.issues.issue import Status as IssueStatus
from emag.issues.tables import ISSUES
from emag.mailing.delivery import DeliveryStatus, Report
from emag.mailing.sending.in_flight_log import State
from emag.mailing.tables import DELIVERIES, MAILINGS
from subscribers import roll

_WAITING = (DeliveryStatus.QUEUED.value, DeliveryStatus.DEFERRED.value)
_UNFINISHED = (*_WAITING, DeliveryStatus.INFLIGHT.value)
_LEAVING = (DeliveryStatus.QUEUED.value, DeliveryStatus.INFLIGHT.value)
_PAGE = 2_000

_D = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class ListedDelivery:
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


def status_of(conn: Connection, number: int, *, hold: bool = False) -> IssueStatus | None:
    """The issue's, without its picks. With `hold` nobody else takes a step of it meanwhile."""
    query = _STATUS_HELD if hold else _STATUS
    found = conn.execute(query, {"b_issue": number}).scalar()
    return None if found is None else IssueStatus(found)


def renew(conn: Connection, *, worker: str, until: datetime) -> None:
    """A worker that is alive keeps what it claimed."""
    mine = and_(_D.worker == worker, _D.status == DeliveryStatus.INFLIGHT.value)
    conn.execute(update(DELIVERIES).where(mine).values(lease_until=until))


def workers(conn: Connection, number: int) -> list[str]:
    """Who holds something of this issue."""
    query = select(_D.worker).where(_D.issue == number, _D.status == DeliveryStatus.INFLIGHT.value)
    return list(conn.execute(query.distinct()).scalars())


def expire(conn: Connection, number: int, *, gone: Collection[str] = (), now: datetime) -> int:
    """What a sender left behind is doubtful: it may have been handed over, so it is not repeated.

    A sender is given up once its lease is over, or at once if it is among the `gone`.
    """
    left = and_(_D.issue == number, _D.status == DeliveryStatus.INFLIGHT.value)
    over = or_(_D.lease_until <= now, _D.worker.in_(list(gone)))
    values = {
        "status": DeliveryStatus.DOUBTFUL.value,
        "attempts": _D.attempts + 1,
        "lease_until": None,
        "reason": "the sender stopped before it saw the answer",
        "settled_at": now,
    }
    return conn.execute(update(DELIVERIES).where(left, over).values(values)).rowcount


def give_up(
    conn: Connection,
    number: int,
    gone: Mapping[str, Mapping[int, State] | None],
    *,
    now: datetime,
) -> None:
    """Settles what the `gone` had claimed, and whoever's lease is over.

    Where one of them kept a logbook it is believed; None means that nothing is known of it.
    """
    for worker, states in gone.items():
        if states is not None:
            _recover(conn, number, worker, states)
    expire(conn, number, gone=list(gone), now=now)


def _recover(conn: Connection, number: int, worker: str, states: Mapping[int, State]) -> None:
    """What is taken down as taken or as not begun is in no doubt.

    Nor is what was claimed and not even taken down: it had not begun.
    """
    mine = and_(_D.issue == number, _D.worker == worker, _D.status == DeliveryStatus.INFLIGHT.value)
    for delivery in conn.execute(select(_D.id).where(mine)).scalars().all():
        state = states.get(delivery, State.WAITS)
        if state is State.LEAVES:
            continue
        values: dict[str, Any] = {"lease_until": None}
        if state is State.TAKEN:
            values |= {"status": DeliveryStatus.ACCEPTED.value, "attempts": _D.attempts + 1}
        else:
            values |= {"status": DeliveryStatus.QUEUED.value, "reason": "the sender stopped before"}
        conn.execute(update(DELIVERIES).where(_D.id == delivery, mine).values(values))


def skip_rest(conn: Connection, number: int, *, reason: str, now: datetime) -> int:
    """What has not left yet never will."""
    return _skip(conn, and_(_D.issue == number, _D.status.in_(_WAITING)), reason, now=now)


def _skip(conn: Connection, which: ColumnElement[bool], reason: str, *, now: datetime) -> int:
    values = {"status": DeliveryStatus.SKIPPED.value, "reason": reason, "settled_at": now}
    return conn.execute(update(DELIVERIES).where(which).values(values)).rowcount


def postpone(conn: Connection, number: int, *, until: datetime, reason: str) -> None:
    """Tries what waits to be sent no earlier than `until`."""
    waiting = and_(_D.issue == number, _D.status.in_(_WAITING), _D.not_before < until)
    conn.execute(update(DELIVERIES).where(waiting).values(not_before=until, reason=reason))


def addressed(conn: Connection, number: int) -> int | None:
    """How many readers the issue was addressed to, or None: not yet."""
    query = select(MAILINGS.c.planned).where(MAILINGS.c.issue == number)
    return conn.execute(query).scalar()


def counts(conn: Connection, number: int) -> dict[str, int]:
    """How many of each status, which add up to `planned`, and reports on accepted ones."""
    found = {name.value: 0 for name in (*DeliveryStatus, *Report) if name.value}
    query = select(_D.status, _D.report, func.count()).where(_D.issue == number)
    for status, report, many in conn.execute(query.group_by(_D.status, _D.report)):
        found[status] += many
        if report:
            found[report] += many
    return {"planned": sum(found[status.value] for status in DeliveryStatus)} | found


def has_left(counts: Mapping[str, int]) -> bool:
    """True if nothing is queued or in flight: the issue is sent.

    Deferred deliveries are still tried afterwards. A doubtful one waits for the editor.
    """
    return not any(counts[status] for status in _LEAVING)


def first_accepted_at(conn: Connection, number: int) -> datetime | None:
    """When a server accepted the first message of an issue; None before that."""
    accepted = and_(_D.issue == number, _D.status == DeliveryStatus.ACCEPTED.value)
    return conn.execute(select(func.min(_D.settled_at)).where(accepted)).scalar()


def next_due(conn: Connection, number: int, *, deferred: bool = True) -> datetime | None:
    """When something waits to be sent, or a sender will be given up; None for nothing at all.

    Without `deferred`, only what is queued or in flight counts.
    """
    statuses = _WAITING if deferred else (DeliveryStatus.QUEUED.value,)
    waiting = select(func.min(_D.not_before)).where(_D.issue == number, _D.status.in_(statuses))
    held = select(func.min(_D.lease_until)).where(
        _D.issue == number, _D.status == DeliveryStatus.INFLIGHT.value
    )
    moments = [conn.execute(query).scalar() for query in (waiting, held)]
    return min((moment for moment in moments if moment), default=None)


def unfinished(conn: Connection) -> list[int]:
    """The issues of which something should be on its way: for the sweep that comes round."""
    some = select(_D.id).where(_D.issue == ISSUES.c.number, _D.status.in_(_UNFINISHED)).exists()
    sending = ISSUES.c.status == IssueStatus.SENDING.value
    query = select(ISSUES.c.number).where(
        or_(sending, and_(ISSUES.c.status == IssueStatus.SENT.value, some))
    )
    return list(conn.execute(query.order_by(ISSUES.c.number)).scalars())


def listing(
    conn: Connection, number: int, *, status: str | None = None
) -> Iterator[ListedDelivery]:
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
            yield ListedDelivery(row.id, address, row.status, row.report, row.reason, row.attempts)
        if len(rows) < _PAGE:
            return
        last = rows[-1].id


_REPORTS = frozenset(report.value for report in Report if report.value)
