"""Reads and changes the rows of deliveries."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from emag.issues.issue import Status as IssueStatus
from emag.issues.tables import ISSUES
from emag.mailing import transitions
from emag.mailing.delivery import DeliveryStatus, DeliveryStep, Report
from emag.mailing.sending import condensed
from emag.mailing.sending.in_flight_log import WireProgress
from emag.mailing.tables import DELIVERIES, MAILINGS
from subscribers import roll

_WAITING = (DeliveryStatus.QUEUED.value, DeliveryStatus.DEFERRED.value)
_UNFINISHED = (*_WAITING, DeliveryStatus.INFLIGHT.value)
_LEAVING = (DeliveryStatus.QUEUED.value, DeliveryStatus.INFLIGHT.value)
_PAGE = 2_000

_D = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """One delivery for the editor. The address is empty if the reader's data was erased."""

    delivery: int
    address: str
    status: str
    report: str
    reason: str
    attempts: int


# Built once: building them for every group costs more than the database does.
_STATUS = select(ISSUES.c.status).where(ISSUES.c.number == bindparam("b_issue"))
_STATUS_LOCKED = _STATUS.with_for_update()


def issue_status(conn: Connection, number: int, *, lock: bool = False) -> IssueStatus | None:
    """The issue's status, without its picks; None if there is no such issue.

    With `lock` nobody else changes the status before this transaction ends.
    """
    query = _STATUS_LOCKED if lock else _STATUS
    status = conn.execute(query, {"b_issue": number}).scalar()
    return None if status is None else IssueStatus(status)


def renew_lease(conn: Connection, *, worker: str, until: datetime) -> None:
    """Prolongs the lease of everything that a worker has claimed."""
    claimed = and_(_D.worker == worker, _D.status == DeliveryStatus.INFLIGHT.value)
    conn.execute(update(DELIVERIES).where(claimed).values(lease_until=until))


def workers(conn: Connection, number: int) -> list[str]:
    """The workers that have claimed deliveries of an issue."""
    query = select(_D.worker).where(_D.issue == number, _D.status == DeliveryStatus.INFLIGHT.value)
    return list(conn.execute(query.distinct()).scalars())


def expire(conn: Connection, number: int, *, dead: Collection[str] = (), now: datetime) -> int:
    """Makes what the `dead` workers claimed doubtful, and claims whose lease is over. How many.

    These messages may have been handed over, so they are not sent again.
    """
    is_lost = or_(_D.lease_until <= now, _D.worker.in_(list(dead)))
    return transitions.take(
        conn,
        DeliveryStep.LOSE,
        _D.issue == number,
        is_lost,
        attempts=_D.attempts + 1,
        lease_until=None,
        reason="the sender stopped before it saw the answer",
        settled_at=now,
    )


def settle_dead(
    conn: Connection,
    number: int,
    logs: Mapping[str, Mapping[int, WireProgress] | None],
    *,
    now: datetime,
) -> None:
    """Settles what dead workers had claimed, and claims whose lease is over.

    `logs` holds each dead worker's log of messages in flight, by the worker's name. Where there is
    a log it is believed; where there is none (None), all claims of the worker are doubtful.
    """
    for worker, log in logs.items():
        if log is not None:
            _recover(conn, number, worker, log)
    expire(conn, number, dead=list(logs), now=now)


def _recover(conn: Connection, number: int, worker: str, log: Mapping[int, WireProgress]) -> None:
    """Settles what the log is sure of; a claim that is not in the log had not begun to leave."""
    claimed = and_(_D.issue == number, _D.worker == worker)
    query = select(_D.id).where(claimed, _D.status == DeliveryStatus.INFLIGHT.value)
    for delivery in conn.execute(query).scalars().all():
        progress = log.get(delivery, WireProgress.NOT_SENT)
        where = (_D.id == delivery, claimed)
        values: dict[str, Any] = {"lease_until": None}
        if progress is WireProgress.ACCEPTED:
            transitions.take(conn, DeliveryStep.RECOVER, *where, attempts=_D.attempts + 1, **values)
        elif progress is WireProgress.NOT_SENT:
            values["reason"] = "the sender stopped before"
            transitions.take(conn, DeliveryStep.RETURN, *where, **values)


def skip_rest(conn: Connection, number: int, *, reason: str, now: datetime) -> int:
    """Skips everything that has not left yet. Gives how many deliveries it was."""
    return transitions.take(
        conn, DeliveryStep.SKIP, _D.issue == number, reason=reason, settled_at=now
    )


def postpone(conn: Connection, number: int, *, until: datetime, reason: str) -> None:
    """Postpones everything that waits to be sent to `until` at the earliest."""
    waiting = and_(_D.issue == number, _D.status.in_(_WAITING), _D.not_before < until)
    conn.execute(update(DELIVERIES).where(waiting).values(not_before=until, reason=reason))


def addressed(conn: Connection, number: int) -> int | None:
    """How many readers the issue was addressed to; None if it was not addressed yet."""
    query = select(MAILINGS.c.planned).where(MAILINGS.c.issue == number)
    return conn.execute(query).scalar()


def counts(conn: Connection, number: int) -> dict[str, int]:
    """How many deliveries have each status, which add up to `planned`, and each report."""
    if old := condensed.find(conn, number):
        return dict(old.counts)
    sums = {name.value: 0 for name in (*DeliveryStatus, *Report) if name.value}
    query = select(_D.status, _D.report, func.count()).where(_D.issue == number)
    for status, report, count in conn.execute(query.group_by(_D.status, _D.report)):
        sums[status] += count
        if report:
            sums[report] += count
    return {"planned": sum(sums[status.value] for status in DeliveryStatus)} | sums


def has_left(counts: Mapping[str, int]) -> bool:
    """True if nothing is queued or in flight: the issue is sent.

    Deferred deliveries are still tried afterwards. A doubtful one waits for the editor.
    """
    return not any(counts[status] for status in _LEAVING)


def first_accepted_at(conn: Connection, number: int) -> datetime | None:
    """When a server accepted the first message of an issue; None before that."""
    accepted = and_(_D.issue == number, _D.status == DeliveryStatus.ACCEPTED.value)
    return conn.execute(select(func.min(_D.settled_at)).where(accepted)).scalar()


def last_outcome_at(conn: Connection, number: int) -> datetime | None:
    """When the newest outcome was recorded, or else when the issue was addressed.

    A message that was given back to the queue has no outcome, however often it was tried.
    """
    if old := condensed.find(conn, number):
        return old.last_outcome_at
    is_settled = _D.status.not_in(_LEAVING)
    newest = select(func.max(_D.settled_at)).where(_D.issue == number, is_settled)
    addressed = select(MAILINGS.c.addressed_at).where(MAILINGS.c.issue == number)
    return conn.execute(newest).scalar() or conn.execute(addressed).scalar()


def waiting_reason(conn: Connection, number: int) -> str:
    """Why a message that was tried last waits in the queue; “” if none was tried."""
    queued = and_(_D.issue == number, _D.status == DeliveryStatus.QUEUED.value, _D.reason != "")
    query = select(_D.reason).where(queued).order_by(_D.not_before.desc(), _D.id.desc()).limit(1)
    return conn.execute(query).scalar() or ""


def has_queued(conn: Connection, number: int) -> bool:
    """True while a message of the issue waits to leave."""
    queued = and_(_D.issue == number, _D.status == DeliveryStatus.QUEUED.value)
    return conn.execute(select(_D.id).where(queued).limit(1)).first() is not None


def next_due(conn: Connection, number: int, *, deferred: bool = True) -> datetime | None:
    """When the next delivery may leave or the next lease ends; None if nothing is to be done.

    Without `deferred`, only what is queued or in flight counts.
    """
    statuses = _WAITING if deferred else (DeliveryStatus.QUEUED.value,)
    waiting = select(func.min(_D.not_before)).where(_D.issue == number, _D.status.in_(statuses))
    leased = select(func.min(_D.lease_until)).where(
        _D.issue == number, _D.status == DeliveryStatus.INFLIGHT.value
    )
    moments = [conn.execute(query).scalar() for query in (waiting, leased)]
    return min((moment for moment in moments if moment), default=None)


def unfinished(conn: Connection) -> list[int]:
    """The issues that have something left to send, for the schedule's regular check."""
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
