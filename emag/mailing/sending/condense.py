"""Condenses the deliveries of old issues: the counts stay, and who got a copy is deleted."""

from collections.abc import Iterator
from datetime import datetime
from threading import Event

from sqlalchemy import Connection, delete, or_, select

from emag.database import Database
from emag.issues.issue import Status
from emag.issues.tables import ISSUES
from emag.mailing.delivery import DeliveryStatus
from emag.mailing.event import EventKind
from emag.mailing.sending import condensed, ledger, results
from emag.mailing.sending.condensed import CondensedIssue
from emag.mailing.tables import DELIVERIES, EVENTS

_BATCH = 5_000  # rows in one transaction, so that nobody waits long
_OVER = (Status.SENT.value, Status.CANCELLED.value)
_UNFINISHED = (DeliveryStatus.QUEUED, DeliveryStatus.INFLIGHT, DeliveryStatus.DEFERRED)
# The reason why a reader is off the list is a report of another kind, and stays.
_PASSING = (EventKind.DELIVERED.value, EventKind.SOFT.value, EventKind.POLICY.value)
_D, _E = DELIVERIES.c, EVENTS.c


def condense(
    database: Database, *, before: datetime, now: datetime, stop: Event | None = None
) -> Iterator[int]:
    """Condenses each issue that began to leave before a moment. Yields its number.

    The figures are stored first, so a program that is killed goes on where it stopped. Messages
    that still wait keep an issue as it is.
    """
    for number in _due(database, before):
        with database.transaction() as conn:
            if not condensed.is_condensed(conn, number):
                condensed.keep(conn, _figures(conn, number), now=now)
        while _delete_some(database, number):
            if stop and stop.is_set():
                return
        yield number
    while _forget_events(database, before) and not (stop and stop.is_set()):
        pass


def _due(database: Database, before: datetime) -> list[int]:
    """Old issues with deliveries, none of which waits to be sent."""
    some = select(_D.id).where(_D.issue == ISSUES.c.number)
    waits = some.where(_D.status.in_([status.value for status in _UNFINISHED])).exists()
    query = (
        select(ISSUES.c.number)
        .where(ISSUES.c.began_at < before, ISSUES.c.status.in_(_OVER))
        .where(some.exists(), ~waits)
        .order_by(ISSUES.c.number)
    )
    with database.reading() as conn:
        return list(conn.execute(query).scalars())


def _figures(conn: Connection, number: int) -> CondensedIssue:
    domains = {entry.domain: dict(entry.counts) for entry in results.by_domain(conn, number)}
    bounces, refusals = (
        [(entry.reason, entry.count) for entry in reasons]
        for reasons in (results.bounces(conn, number), results.refusals(conn, number))
    )
    return CondensedIssue(
        number,
        ledger.counts(conn, number),
        domains,
        bounces,
        refusals,
        results.count_left(conn, number),
        ledger.last_outcome_at(conn, number),
    )


def _delete_some(database: Database, number: int) -> int:
    some = select(_D.id).where(_D.issue == number).limit(_BATCH)
    with database.transaction() as conn:
        return conn.execute(delete(DELIVERIES).where(_D.id.in_(some))).rowcount


def _forget_events(database: Database, before: datetime) -> int:
    """Deletes applied reports that say nothing about a reader any more."""
    passing = or_(_E.kind.in_(_PASSING), _E.subscriber == 0)
    some = select(_E.id).where(_E.applied_at < before, passing).limit(_BATCH)
    with database.transaction() as conn:
        return conn.execute(delete(EVENTS).where(_E.id.in_(some))).rowcount
