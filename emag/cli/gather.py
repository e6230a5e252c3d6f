"""The command “emag gather”, which reads all sources now."""

import sys

import typer

from emag.cli import output
from emag.cli.call import Call


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
        for note in result.notes:
            call.note(f"{result.name}: {note}")
    if not all(result.ok for result in results):
        raise typer.Exit(1)
