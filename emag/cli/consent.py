"""What readers agreed to, and its proof: receipt, verify."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli import output
from emag.cli.call import Call

if TYPE_CHECKING:
    from subscribers.desk import ConsentEvent, ConsentReceipt, Position


def receipt(call: Call, address: Annotated[str, typer.Argument(metavar="ADDRESS")]) -> None:
    """Everything a reader agreed to and withdrew: when, how, in which words."""
    from emag.desk.reader_document import receipt_document

    with call.readers() as readers:
        receipt = readers.receipt(address)
    title = call.settings().publication.title
    call.output(receipt_document(receipt), "\n".join(_page(receipt, title)))


_ACTS = {
    "asked": "Signed up",
    "confirmed": "Confirmed, by the link in the mail that only this mailbox got",
    "imported": "Taken over from another list, on the stated basis",
    "changed": "Changed",
    "left": "Unsubscribed",
    "bounced": "The mailbox returned mail",
    "complained": "Reported our mail as spam",
    "disowned": "Said: this wasn't me",
    "returned": "Undid the unsubscribe, on the page that confirmed it",
    "undone": "The import was undone",
}
_EVIDENCE = {
    "address": "address",
    "source": "where",
    "ip": "network address",
    "user_agent": "browser",
    "claimed_at": "time according to the source",
    "message_id": "confirmation mail",
}


def _page(receipt: "ConsentReceipt", title: str) -> Iterator[str]:
    """The receipt on one page, to be printed or filed."""
    reader = receipt.reader
    yield f"Record of consent: {title}"
    yield f"{reader.address} is {reader.status} since {_time(reader.since)}"
    for event in receipt.events:
        yield ""
        yield from _event_lines(event)
    if not receipt.events:
        yield "Nothing is kept of what was agreed"
    if receipt.letters:
        yield ""
    for letter in receipt.letters:
        sent = f"sent {_time(letter.sent_at)}" if letter.sent_at else "not sent"
        yield f"Mail “{letter.kind}”, {sent} {letter.message_id}".rstrip()
    yield ""
    record = receipt.record
    if record is None:
        yield f"Made {_time(receipt.made_at)}."
        return
    yield f"Made {_time(receipt.made_at)} from a record of {record.rows} entries."
    yield "The record is whole." if record.ok else " ".join(record.faults)


def _event_lines(event: "ConsentEvent") -> Iterator[str]:
    how = f"{event.how}, by {event.by}" if event.by else event.how
    yield f"{_time(event.at)}   {_ACTS.get(event.act, event.act)} ({how})"
    if event.wording:
        version = ", ".join(filter(None, (event.version, event.language)))
        yield f"  in these words{f' ({version})' if version else ''}:"
        yield from (f"    {line}" for line in event.wording.splitlines())
    for name, value in event.evidence.items():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        yield f"  {_EVIDENCE.get(name, name.replace('_', ' '))}: {text}"
    yield f"  entry {event.sequence} of the record, {event.hash}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def verify(
    call: Call,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBER:HASH", help="An entry that must be in it, from a mail to the editors."
        ),
    ] = None,
) -> None:
    """Check the record of consent: no entry changed, none missing, every status proved."""
    from emag.desk.reader_document import verification_document

    with call.readers() as readers:
        result = readers.verify(against=_position(against) if against else None)
    entries = output.count_text(result.rows, "entry", "entries")
    lines = result.faults or (f"The record of consent is whole: {entries}",)
    call.output(verification_document(result), *lines)
    if not result.ok:
        raise typer.Exit(1)


def _position(text: str) -> "Position":
    from subscribers.desk import Position

    number, _, digest = text.partition(":")
    if not (number.isdecimal() and digest):
        raise typer.BadParameter("write --against NUMBER:HASH, as the mail to the editors has it")
    return Position(int(number), digest)
