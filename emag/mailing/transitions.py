"""Changes of a delivery's status in the database, made from the tables of `delivery`."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from emag.mailing.delivery import AFTER_OUTCOME, AFTER_STEP, DeliveryStatus, DeliveryStep
from emag.mailing.tables import DELIVERIES
from subscribers.dialect import UpdateMany

_D = DELIVERIES.c


def before(step: DeliveryStep) -> list[DeliveryStatus]:
    """The statuses that a step changes."""
    return [status for status, row in AFTER_STEP.items() if row[step] is not status]


def after(step: DeliveryStep) -> DeliveryStatus:
    """The status that a step leads to."""
    (status,) = {AFTER_STEP[status][step] for status in before(step)}
    return status


def take(conn: Connection, step: DeliveryStep, *where: ColumnElement[bool], **values: Any) -> int:
    """Takes a step with the deliveries that `where` selects. Gives how many it changed."""
    statuses = _D.status.in_([status.value for status in before(step)])
    changed = update(DELIVERIES).where(statuses, *where).values(status=after(step).value, **values)
    return conn.execute(changed).rowcount


def _is_one_of(statuses: Iterable[DeliveryStatus]) -> str:
    return f"status IN ({', '.join(repr(status.value) for status in statuses)})"


def _step(step: DeliveryStep, *columns: str) -> UpdateMany:
    return UpdateMany(
        DELIVERIES,
        columns,
        constants=[f"status = '{after(step).value}'"],
        where=_is_one_of(before(step)),
    )


# Run for every message, so without SQLAlchemy. Values must be as the driver takes them.
CLAIM = _step(DeliveryStep.CLAIM, "worker", "lease_until")
SKIP = _step(DeliveryStep.SKIP, "reason", "settled_at")

# An outcome counts only for the worker that claimed the delivery.
_ANSWERABLE = [status for status, row in AFTER_OUTCOME.items() if set(row.values()) != {status}]
RECORD = UpdateMany(
    DELIVERIES,
    ("status", "attempts", "not_before", "reason", "reference", "settled_at"),
    keys=("id", "worker"),
    constants=["lease_until = NULL"],
    where=_is_one_of(_ANSWERABLE),
)
