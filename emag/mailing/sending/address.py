"""The verb: makes one delivery for each reader."""

from datetime import datetime

from sqlalchemy import insert, literal, select

from emag import instance
from emag.database import Database
from emag.issues import life
from emag.issues.issue import Move, Status
from emag.mailing.delivery import DeliveryStatus
from emag.mailing.sending import ledger
from emag.mailing.sending.recipients import recipients, refuse_forgotten
from emag.mailing.tables import DELIVERIES, MAILINGS


def address(database: Database, number: int, *, now: datetime, by: str) -> int:
    """Starts the sending: each of its readers who may be written to gets a delivery, all or none.

    Returns how many readers. A second call changes no delivery. Raises WrongMove.
    """
    instance.check(database)
    with database.transaction() as conn:
        status = ledger.issue_status(conn, number, lock=True)
        planned = ledger.addressed(conn, number)
        # A sent issue may have copies to send again: then its status stays as it is.
        if planned is None or status is not Status.SENT:
            life.move(conn, number, Move.SEND, now=now, by=by)
        if planned is not None:
            return planned
        refuse_forgotten(conn, number)
        audience = recipients(conn, number, now=now).subquery()
        rows = select(
            literal(number),
            audience.c.id,
            literal(DeliveryStatus.QUEUED.value),
            literal(""),
            literal(0),
            literal(now, DELIVERIES.c.not_before.type),
            literal(""),
            literal(""),
            literal(""),
        ).order_by(
            audience.c.topics, audience.c.id
        )  # readers of the same variant follow each other
        columns = ["issue", "subscriber", "status", "report", "attempts", "not_before"]
        columns += ["worker", "reason", "reference"]
        conn.execute(insert(DELIVERIES).from_select(columns, rows))
        planned = ledger.counts(conn, number)["planned"]
        conn.execute(insert(MAILINGS).values(issue=number, addressed_at=now, planned=planned))
        return planned
