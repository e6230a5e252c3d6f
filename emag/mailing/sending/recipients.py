"""Whom an issue is for: everyone, or exactly the readers who got an earlier issue."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from emag.errors import WrongMove
from emag.issues.tables import ISSUES
from emag.mailing.delivery import DeliveryStatus, Report
from emag.mailing.sending import condensed
from emag.mailing.tables import DELIVERIES
from subscribers import roll

# Readers who have a copy for certain, and those who probably have one.
_HAS_COPY = (DeliveryStatus.ACCEPTED.value, DeliveryStatus.DOUBTFUL.value)

_D = DELIVERIES.c


def recipients(conn: Connection, number: int, *, now: datetime) -> "Select[int | None, str]":
    """A query for the id and topics of the readers of an issue who may be written to now."""
    query: Select[int | None, str] = _of_issue(conn, number, roll.audience(now))
    return query


def batch(
    conn: Connection, number: int, *, after: int, limit: int, now: datetime
) -> list[roll.Reader]:
    """The next readers of an issue who may be written to now, in the order of their ids."""
    query = _of_issue(conn, number, roll.reachable(now))
    return roll.batch(conn, query, after=after, limit=limit)


def _of_issue(conn: Connection, number: int, query: Any) -> Any:
    """Leaves out who did not get the earlier issue, where the issue is for its readers."""
    earlier = conn.execute(select(ISSUES.c.audience).where(ISSUES.c.number == number)).scalar()
    if earlier is None:
        return query
    return query.where(query.selected_columns.id.in_(_got(earlier)))


def refuse_forgotten(conn: Connection, number: int) -> None:
    """Raises WrongMove if the issue is for the readers of one that was condensed meanwhile."""
    earlier = conn.execute(select(ISSUES.c.audience).where(ISSUES.c.number == number)).scalar()
    if earlier is not None and condensed.is_condensed(conn, earlier):
        raise WrongMove(
            f"Who got issue {earlier} is not known any more: privacy.deliveries says how long it "
            "is kept. Draft a special edition for everyone"
        )


def count(conn: Connection, number: int, *, now: datetime) -> int:
    """How many readers the issue would go to now."""
    query = select(func.count()).select_from(recipients(conn, number, now=now).subquery())
    return conn.execute(query).scalar_one()


def _got(number: int) -> Select[Any]:
    """The readers who got an issue: their copy was accepted or is doubtful, and did not bounce."""
    got = _D.status.in_(_HAS_COPY), _D.report != Report.BOUNCED.value
    return select(_D.subscriber).where(_D.issue == number, *got)
