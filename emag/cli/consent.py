"""What readers agreed to, and its proof: receipt, verify."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, now


def receipt(call: Call, address: Annotated[str, typer.Argument(metavar="ADDRESS")]) -> None:
    """Everything a reader agreed to and took back: when, how, in which words."""
    from subscribers import cli

    with call.readers() as (settings, database, keys):
        told = cli.receipt(database.reading, keys, address, now=now())
    call.output(told, "\n".join(_page(told, settings.publication.title)))


_ACTS = {
    "asked": "Signed up",
    "confirmed": "Confirmed, by the link in the mail that only this mailbox got",
    "imported": "Taken over from another list, on the stated basis",
    "changed": "Changed",
    "left": "Withdrew",
    "bounced": "The mailbox returned mail",
    "complained": "Reported our mail as spam",
    "disowned": "Said: this wasn't me",
    "returned": "Undid the withdrawal, on the page that confirmed it",
}
_EVIDENCE = {
    "address": "address",
    "source": "where",
    "ip": "network address",
    "user_agent": "browser",
    "claimed_at": "time according to the source",
    "message_id": "confirmation mail",
}


def _page(told: dict[str, Any], title: str) -> Iterator[str]:
    """The receipt on one page, to be printed or filed."""
    yield f"Record of consent: {title}"
    yield f"{told['address']} is {told['status']} since {_time(told['since'])}"
    for event in told["events"]:
        yield ""
        yield f"{_time(event['at'])}   {_ACTS.get(event['act'], event['act'])} ({event['how']})"
        if event["wording"]:
            version = ", ".join(filter(None, (event["version"], event["language"])))
            yield f"  in these words{f' ({version})' if version else ''}:"
            yield from (f"    {line}" for line in event["wording"].splitlines())
        for name, value in event["evidence"].items():
            said = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield f"  {_EVIDENCE.get(name, name.replace('_', ' '))}: {said}"
        yield f"  entry {event['sequence']} of the ledger, {event['hash']}"
    if not told["events"]:
        yield "Nothing is kept of what was agreed"
    if told["letters"]:
        yield ""
    for letter in told["letters"]:
        sent = f"sent {_time(letter['sent_at'])}" if letter["sent_at"] else "not sent"
        yield f"Mail “{letter['kind']}”, {sent} {letter['message_id']}".rstrip()
    yield ""
    found = told["ledger"]
    whole = "whole" if found["ok"] else f"TOUCHED: row {found['first_bad']} is changed"
    yield f"Made {_time(told['made_at'])}; the ledger of {found['rows']} rows is {whole}."


def _time(moment: str) -> str:
    return f"{moment[:19].replace('T', ' ')} UTC"


def verify(call: Call) -> None:
    """Compute the ledger of consent again; exit 1 if a row of it was touched."""
    from subscribers import cli

    with call.readers() as (_, database, keys):
        told = cli.verify(database.reading, keys)
    rows = output.count_text(told["rows"], "row")
    found = (
        f"The ledger of consent is whole: {rows}"
        if told["ok"]
        else f"The ledger of consent was touched: row {told['first_bad']} of {rows} is changed"
    )
    call.output(told, found)
    if not told["ok"]:
        raise typer.Exit(1)
