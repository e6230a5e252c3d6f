"""The verb: sends the letters that are due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from emag import instance
from emag.database import Database
from emag.errors import PressError, TransportError
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.letters.compose import LetterComposer
from emag.mailing.transports import Transport
from emag.settings import Settings
from subscribers import membership
from subscribers.membership import Letter, WaitingLetter
from subscribers.tokens import Keys


def post_letters(
    database: Database, *, transport: Transport, settings: Settings, keys: Keys, now: datetime
) -> int:
    """Sends the letters that are due. Returns how many the mail server accepted.

    A doubtful letter is not sent again: a reader who waits for it signs up again, and an editor
    need not read a notice twice. It ends at the first batch that cannot be handed over. A letter
    that cannot be printed stays queued and delays no other; its PressError is raised at the end.
    Raises DatabaseError if the database is a copy.
    """
    instance.check(database)
    composer = LetterComposer(settings, keys, now=now)
    errors: list[PressError] = []
    posted, is_reachable = 0, True
    while is_reachable:
        with database.transaction() as conn:
            letters = membership.claim_letters(conn, limit=transport.batch, now=now)
        if not letters:
            break
        messages = _compose(database, composer, letters, errors, now=now)
        receipts, is_reachable = _send(transport, messages)
        _record(database, messages, receipts, now=now)
        posted += sum(receipt.outcome is Outcome.ACCEPTED for receipt in receipts)
    if errors:
        raise errors[0]
    return posted


def waiting_letter(conn: Connection) -> WaitingLetter | None:
    """The oldest letter that could not be handed over and is tried again."""
    return membership.waiting_letter(conn)


def last_sent_at(conn: Connection) -> datetime | None:
    """When the newest letter was handed over."""
    return membership.last_letter_at(conn)


def _compose(
    database: Database,
    composer: LetterComposer,
    letters: Sequence[Letter],
    errors: list[PressError],
    *,
    now: datetime,
) -> list[Message]:
    messages = []
    for letter in letters:
        try:
            messages.append(composer.message(letter))
        except PressError as error:
            errors.append(error)
            with database.transaction() as conn:
                membership.record_letter_failed(
                    conn, letter.id, reason=str(error), permanent=False, now=now
                )
    return messages


def _send(transport: Transport, messages: Sequence[Message]) -> tuple[list[Receipt], bool]:
    """The receipts, and whether the mail server can be reached."""
    if not messages:
        return [], True
    try:
        return transport.send(messages), True
    except TransportError as error:
        return [Receipt(Outcome.UNSENT, str(error))] * len(messages), False


def _record(
    database: Database, messages: Sequence[Message], receipts: Sequence[Receipt], *, now: datetime
) -> None:
    with database.transaction() as conn:
        for message, receipt in zip(messages, receipts, strict=True):
            number = message.delivery
            if receipt.outcome in {Outcome.ACCEPTED, Outcome.DOUBTFUL}:
                membership.record_letter_sent(conn, number, message_id=message.message_id, now=now)
            else:
                permanent = receipt.outcome is Outcome.REFUSED and not receipt.sender_fault
                membership.record_letter_failed(
                    conn, number, reason=receipt.reason, permanent=permanent, now=now
                )
