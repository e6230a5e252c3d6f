"""The command “emag feedback read”, for bounce and complaint mail in files."""

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

    Examined = list[tuple[str, Finding]]  # a file's name and what its mail reports

MAX_BYTES = 2_000_000  # of one mail; the reason is near its beginning

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="One mail each. Default: one mail on standard input."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what the mails report. Change nothing.")
]


def read(call: Call, files: FilesArgument = None, dry_run: DryRunOption = False) -> None:
    """Read bounce and complaint mail, and act on what it reports about our messages."""
    from emag import bootstrap

    if not files and sys.stdin.isatty():
        call.note("Reading one mail from standard input. Ctrl-D ends it.")
    if dry_run:
        # Nothing is verified or changed, so neither a database nor a key is needed.
        from subscribers.tokens import Keys

        reader = bootstrap.bounces(Keys(""), now)
        _print(call, [(name, reader.examine(body)) for name, body in _mails(files or [])])
        return
    from emag.desk import feedback

    with call.newsroom() as newsroom:
        reader = bootstrap.bounces(newsroom.keys, newsroom.now)
        examined = [(name, reader.examine(body)) for name, body in _mails(files or [])]
        reported, new = feedback.act(newsroom, reader, (finding for _, finding in examined))
    _print(call, examined)
    call.note(f"{output.count_text(reported, 'report')} about our messages, {new} of them new")


def _mails(files: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    if not files:
        yield "-", sys.stdin.buffer.read(MAX_BYTES)
    for path in files:
        try:
            with path.open("rb") as file:
                yield str(path), file.read(MAX_BYTES)
        except OSError as error:
            raise EmagError(f"{path} cannot be read: {error.strerror}") from error


def _print(call: Call, examined: "Examined") -> None:
    rows: list[list[object]] = []
    for name, finding in examined:
        rows.extend([name, f.outcome, f.address, f.status] for f in finding.failures)
        if not finding.failures:
            rows.append([name, finding.outcome, "", ""])
    call.output(
        {"messages": [_message_data(name, finding) for name, finding in examined]},
        output.table(["File", "Reports", "Address", "Status"], rows),
    )


def _message_data(name: str, finding: "Finding") -> dict[str, Any]:
    recipients = [
        {
            "address": failure.address,
            "status": failure.status,
            "outcome": failure.outcome.value,
        }
        for failure in finding.failures
        if failure.address
    ]
    return {"file": name, "outcome": finding.outcome.value, "recipients": recipients}
