"""The command “emag gather”, which reads all sources now."""

import sys
from typing import TYPE_CHECKING

import typer

from emag.cli import output
from emag.cli.call import Call
from emag.content import left_out

if TYPE_CHECKING:
    from emag.content.gather import Gathered


MOST_NOTES = 3  # of one source; “source check” has them all


def gather(call: Call) -> None:
    """Read all sources now. Exit code 1 means that one could not be read."""
    from emag.content.gather import gather as read_all
    from emag.desk import pictures

    with call.newsroom() as newsroom:
        if not newsroom.sources:
            call.output({"sources": []}, "There are no sources: add [[sources]] to emag.toml")
            return
        with output.spinner(sys.stderr, output.count_text(len(newsroom.sources), "source")):
            results = read_all(
                newsroom.database, newsroom.sources, now=newsroom.now(), pages=newsroom.pages
            )
            fetcher = newsroom.pictures
            at = newsroom.now()
            pictures.fetch(newsroom.database, newsroom.settings, fetcher, now=at, is_urgent=True)
    data = [
        {
            "name": result.name,
            "ok": result.ok,
            "seen": result.entries,
            "new": result.new,
            "changed": result.changed,
            "error": result.error,
            "refused": result.refused,
            "left_out": dict(result.left_out),
            "notes": list(result.notes),
        }
        for result in results
    ]
    rows = [
        ["ok" if r.ok else "failed", r.name, r.entries, r.new, r.changed, r.error or ""]
        for r in results
    ]
    call.output(
        {"sources": data},
        output.table(["", "Source", "Seen#", "New#", "Changed#", "Error"], rows),
    )
    for result in results:
        for note in _notes(result):
            call.note(f"{result.name}: {note}")
    if not all(result.ok for result in results):
        raise typer.Exit(1)


def _notes(result: "Gathered") -> list[str]:
    """The entries that were left out, counted by reason, and the first of them."""
    notes = list(result.notes)
    if sum(result.left_out.values()) <= 1:
        return notes
    more = f"; see emag source check {result.name}" if len(notes) > MOST_NOTES else ""
    return [left_out.sentence(result.left_out) + more, *notes[:MOST_NOTES]]
