"""The verb: tell the editors, once for each matter."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select, update

from emag import instance
from emag.database import Database
from emag.errors import TransportError
from emag.mailing.copy import mime
from emag.mailing.copy.message import EncodedDocument, Letterhead, Message
from emag.mailing.delivery import DeliveryStatus, Outcome, Receipt, apply_receipt
from emag.mailing.tables import NOTICES
from emag.mailing.transports import Transport
from emag.press.compose import compose_mail
from emag.settings import Settings
from subscribers import dialect

_LEASE = timedelta(minutes=15)  # as long as one hand-over may take
_AT_ONCE = 50

_N = NOTICES.c


def notify_editors(
    conn: Connection, *, settings: Settings, key: str, subject: str, text: str, now: datetime
) -> int:
    """Queues a mail to each editor, unless that editor was told of `key` before; how many."""
    row = {"key": key, "subject": subject, "text": text, "queued_at": now, "not_before": now}
    row |= {"attempts": 0, "outcome": ""}
    rows = [row | {"recipient": editor} for editor in settings.publication.editors]
    if not rows:
        return 0
    # Who was told before, or is told by another process at this moment, is in the table's key.
    entered = dialect.insert(conn, NOTICES).values(rows).on_conflict_do_nothing()
    return len(conn.execute(entered.returning(_N.id)).all())


def post(database: Database, *, transport: Transport, settings: Settings, now: datetime) -> int:
    """Hands over what is due; how many were taken. A server that is away is tried next time."""
    instance.check(database)
    with database.transaction() as conn:
        rows = _claim(conn, now=now)
    taken = 0
    for row in rows:
        try:
            receipt = transport.send([_message(row, settings, now=now)])[0]
        except TransportError as error:
            receipt = Receipt(Outcome.DEFERRED, str(error))
        with database.transaction() as conn:
            _record(conn, row, receipt, now=now)
        taken += receipt.outcome is Outcome.ACCEPTED
    return taken


def _claim(conn: Connection, *, now: datetime) -> list[Row[Any]]:
    """The next ones, kept from other processes until the lease is over."""
    due = (
        select(NOTICES)
        .where(_N.done_at.is_(None), _N.not_before <= now)
        .order_by(_N.id)
        .limit(_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    rows = list(conn.execute(due))
    if rows:
        claimed = _N.id.in_([row.id for row in rows])
        conn.execute(update(NOTICES).where(claimed).values(not_before=now + _LEASE))
    return rows


def _message(row: Row[Any], settings: Settings, *, now: datetime) -> Message:
    publication = settings.publication
    # What editors are told is in English, whatever their readers speak.
    english = {"language": "en-GB", "direction": "ltr"}
    context = {"subject": row.subject, "heading": row.subject, "text": row.text, **english}
    letterhead = Letterhead(publication.sender, publication.title, publication.reply_to or "")
    encoded = EncodedDocument(compose_mail("notice", settings, context), letterhead, label="notice")
    name, address = mime.split(row.recipient)
    mark = f"notice-{row.id}-{int(row.queued_at.timestamp())}"
    return Message(row.id, settings.bounce_address, address, name, encoded, {}, mark, now)


def _record(conn: Connection, row: Row[Any], receipt: Receipt, *, now: datetime) -> None:
    """One that nobody saw taken counts as told: an editor need not read it twice."""
    answer = apply_receipt(receipt, row.attempts, now=now)
    again = answer.status in {DeliveryStatus.DEFERRED, DeliveryStatus.QUEUED}
    values: dict[str, Any] = {
        "attempts": row.attempts + 1,
        "not_before": answer.not_before,
        "done_at": None if again else now,
        "outcome": f"{answer.status.value} {answer.reason}".strip(),
    }
    conn.execute(update(NOTICES).where(_N.id == row.id).values(values))
