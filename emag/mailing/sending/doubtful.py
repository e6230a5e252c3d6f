"""An editor's decision about doubtful deliveries, of which nobody saw the outcome."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from emag.database import Database
from emag.errors import NotFound, WrongMove
from emag.issues import store
from emag.issues.issue import Status, spoken
from emag.mailing import transitions
from emag.mailing.delivery import DeliveryStatus, DeliveryStep
from emag.mailing.tables import DELIVERIES, SETTLEMENTS
from subscribers import roll
from subscribers.errors import BadAddress

Decision = Literal["accepted", "resend"]

_D = DELIVERIES.c
_STEPS: dict[Decision, DeliveryStep] = {
    "accepted": DeliveryStep.SETTLE,
    "resend": DeliveryStep.RESEND,
}
_CAN_SEND_AGAIN = frozenset({Status.SENDING, Status.PAUSED, Status.SENT})


@dataclass(frozen=True, slots=True)
class Settlement:
    """One decision on record: who settled how many deliveries, when and how."""

    at: datetime
    by: str
    decision: Decision
    deliveries: int


def settlements(conn: Connection, number: int) -> tuple[Settlement, ...]:
    """Every decision about an issue's doubtful deliveries, oldest first."""
    columns = (SETTLEMENTS.c.at, SETTLEMENTS.c.by, SETTLEMENTS.c.decision, SETTLEMENTS.c.deliveries)
    query = select(*columns).where(SETTLEMENTS.c.issue == number).order_by(SETTLEMENTS.c.id)
    return tuple(Settlement(*row) for row in conn.execute(query))


def settle(
    database: Database,
    number: int,
    decision: Decision,
    *,
    addresses: Collection[str] = (),
    now: datetime,
    by: str,
) -> int:
    """Settles all doubtful deliveries of an issue, or those to `addresses`. Returns how many.

    “accepted” takes them as accepted; “resend” queues them again. Who decided is kept on record.
    Raises NotFound if an address has no doubtful delivery, and then changes nothing. Raises
    WrongMove if the issue can no longer be sent.
    """
    with database.transaction() as conn:
        status = store.get(conn, number).status
        if decision == "resend" and status not in _CAN_SEND_AGAIN:
            raise WrongMove(f"Issue {number} is {spoken(status)}: nothing of it can be sent again")
        chosen = [_D.issue == number]
        if addresses:
            chosen.append(_D.id.in_(_deliveries_to(conn, number, addresses)))
        count = transitions.take(conn, _STEPS[decision], *chosen, **_values(decision, now, by))
        if count:
            record = {"issue": number, "decision": decision, "deliveries": count}
            conn.execute(insert(SETTLEMENTS).values(at=now, by=by, **record))
        return count


def _values(decision: Decision, now: datetime, by: str) -> dict[str, object]:
    return {
        "reason": f"taken as accepted by {by}" if decision == "accepted" else "",
        "worker": "",  # a late answer of the first attempt must not count for the second
        "not_before": now,
        "settled_at": now,
    }


def _deliveries_to(conn: Connection, number: int, addresses: Collection[str]) -> list[int]:
    is_doubtful = _D.status == DeliveryStatus.DOUBTFUL.value
    query = select(_D.subscriber, _D.id).where(_D.issue == number, is_doubtful)
    doubtful = {row.subscriber: row.id for row in conn.execute(query)}
    return [_delivery_to(conn, number, address, doubtful) for address in addresses]


def _delivery_to(conn: Connection, number: int, address: str, doubtful: dict[int, int]) -> int:
    try:
        member = roll.find(conn, address)
    except BadAddress:
        member = None
    if member is None or member.id not in doubtful:
        raise NotFound(
            f"Issue {number} has no doubtful delivery to {address}: "
            f"“emag deliveries {number} --status doubtful” lists them"
        )
    return doubtful[member.id]
