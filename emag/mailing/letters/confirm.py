"""The verb: ask for confirmation, and post whatever else the list has to say to one person."""

from collections.abc import Mapping
from datetime import datetime

from emag import instance
from emag.database import Database
from emag.errors import TransportError
from emag.mailing.copy import mail_merge
from emag.mailing.copy.mail_merge import MailMerge
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.transports import Transport
from emag.press.compose import compose_mail
from emag.settings import Settings
from subscribers import membership
from subscribers.membership import Letter
from subscribers.roll import Reader
from subscribers.tokens import Keys


def confirm(
    database: Database, *, transport: Transport, settings: Settings, keys: Keys, now: datetime
) -> int:
    """Posts the letters that are due; how many were taken.

    A letter in doubt is not repeated: whoever waits for it signs up again.
    """
    instance.check(database)
    kinds: dict[str, MailMerge] = {}
    posted = 0
    while True:
        with database.transaction() as conn:
            letters = membership.letters(conn, limit=transport.batch, now=now)
        if not letters:
            return posted
        messages = [_message(letter, kinds, settings, keys, now=now) for letter in letters]
        try:
            receipts, away = transport.send(messages), False
        except TransportError as error:
            receipts, away = [Receipt(Outcome.UNSENT, str(error))] * len(letters), True
        _record(database, letters, messages, receipts, now=now)
        posted += sum(receipt.outcome is Outcome.ACCEPTED for receipt in receipts)
        if away:
            return posted


def _message(
    letter: Letter, kinds: dict[str, MailMerge], settings: Settings, keys: Keys, *, now: datetime
) -> Message:
    if letter.kind not in kinds:
        document = compose_mail(letter.kind, settings, {})
        kinds[letter.kind] = mail_merge.of_letter(letter.kind, document, settings, keys)
    made = kinds[letter.kind]
    values = {**made.links(letter.ref), **_asks(letter, settings, keys, now=now)}
    reader = Reader(letter.subscriber, letter.ref, letter.address, letter.name)
    # Numbers of letters and of deliveries overlap, so their marks are signed apart.
    return made.sealed(letter.id, reader, values, keys.short("confirm", letter.id), now=now)


def _asks(letter: Letter, settings: Settings, keys: Keys, *, now: datetime) -> Mapping[str, str]:
    """The links of a letter that wants an answer; they expire."""
    base, until = settings.base_url, now + settings.signup.confirm_within
    if letter.kind == "change":
        token = keys.sign("change", letter.ref, expires=until)
        return {"confirm_url": f"{base}/confirm/{token}"}
    if letter.kind == "confirm":
        token = keys.sign("confirm", letter.ref, expires=until)
        not_me = keys.sign("not_me", letter.ref)
        return {"confirm_url": f"{base}/confirm/{token}", "not_me_url": f"{base}/not-me/{not_me}"}
    return {}


def _record(
    database: Database,
    letters: list[Letter],
    messages: list[Message],
    receipts: list[Receipt],
    *,
    now: datetime,
) -> None:
    with database.transaction() as conn:
        for letter, message, receipt in zip(letters, messages, receipts, strict=True):
            if receipt.outcome in {Outcome.ACCEPTED, Outcome.DOUBTFUL}:
                membership.letter_sent(conn, letter.id, message_id=message.message_id, now=now)
            else:
                permanent = receipt.outcome is Outcome.REFUSED and not receipt.sender_fault
                membership.letter_failed(
                    conn, letter.id, reason=receipt.reason, permanent=permanent, now=now
                )
