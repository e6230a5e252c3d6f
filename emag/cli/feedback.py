"""Reading bounce and complaint mail from files or standard input."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, now
from emag.errors import EmagError

if TYPE_CHECKING:
    from emag.mailing.returns.finding import Finding

MAX_BYTES = 2_000_000  # of one mail; what says why stands at its beginning

Files = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE …", help="One mail each; without any, one on standard input."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what they report, and do nothing.")]


def read(call: Call, files: Files = None, dry_run: DryRun = False) -> None:
    """Say what mails report, and act on those about mails of ours."""
    from emag import bootstrap

    if dry_run:
        # Nothing is verified and nothing written: neither a database nor a key is asked for.
        from subscribers.tokens import Keys

        reader = bootstrap.bounces(Keys(""), now)
        told = [(name, reader.examine(body)) for name, body in _mails(files or [])]
        _say(call, told)
        return
    from emag.mailing.returns import reports

    with call.newsroom() as newsroom:
        reader = bootstrap.bounces(newsroom.keys, newsroom.now)
        told = [(name, reader.examine(body)) for name, body in _mails(files or [])]
        events = [event for _, finding in told for event in reader.events(finding)]
        with newsroom.database.transaction() as conn:
            new = reports.record(conn, events)
        reports.apply(newsroom.database, keys=newsroom.keys, now=newsroom.now())
    _say(call, told)
    call.note(f"{output.count_text(len(events), 'mail')} of ours reported on, {new} of it new")


def _mails(files: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    if not files:
        yield "-", sys.stdin.buffer.read(MAX_BYTES)
    for path in files:
        try:
            with path.open("rb") as file:
                yield str(path), file.read(MAX_BYTES)
        except OSError as error:
            raise EmagError(f"{path} cannot be read: {error.strerror}") from error


def _say(call: Call, told: "Sequence[tuple[str, Finding]]") -> None:
    rows: list[list[object]] = []
    for name, finding in told:
        for each in finding.failures or (None,):
            address, code = (each.address, each.status) if each else ("", "")
            rows.append([name, each.outcome if each else finding.outcome, address, code])
    call.output(
        {"messages": [_data(name, finding) for name, finding in told]},
        output.table(["File", "Reports", "Address", "Status"], rows),
    )


def _data(name: str, finding: "Finding") -> dict[str, Any]:
    return {
        "file": name,
        "outcome": finding.outcome.value,
        "recipients": [
            {"address": each.address, "status": each.status, "outcome": each.outcome.value}
            for each in finding.failures
            if each.address
        ],
    }
