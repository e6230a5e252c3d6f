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
    reachable = roll.audience(now)
    query = select(ISSUES.c.audience).where(ISSUES.c.number == number)
    earlier = conn.execute(query).scalar()
    if earlier is None:
        return reachable
    return reachable.where(reachable.selected_columns.id.in_(_got(earlier)))


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
