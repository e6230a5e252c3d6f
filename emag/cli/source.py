"""The commands about sources: what each gave, and what one gives now with its faults."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call
from emag.cli.story_output import story_data

if TYPE_CHECKING:
    from emag.content.health.reads import SourceRead
    from emag.desk.sources import SourceReport


_STATUS = {"unread": "not read", "well": "ok"}


def listing(call: Call) -> None:
    """List the sources: when each was read, what it gave, and what was wrong."""
    from emag.desk import sources

    with call.database() as (settings, database):
        reports = sources.listing(database, settings)
    zone = settings.publication.zone
    rows = [
        [
            _STATUS.get(report.status, report.status),
            report.name,
            output.time_text(report.state.read_at, zone) if report.state else "never",
            report.state.entries if report.state else 0,
            output.time_text(report.state.new_at, zone) if report.state else "",
            "; ".join(str(entry.trouble) for entry in report.troubles),
        ]
        for report in reports
    ]
    call.output(
        {"sources": [_data(report) for report in reports]},
        output.table(["", "Source", "Last read", "Seen#", "Last new story", "What is wrong"], rows)
        if rows
        else "There are no sources: add [[sources]] to emag.toml",
    )


def check(
    call: Call, name: Annotated[str, typer.Argument(metavar="NAME", help="A source's name.")]
) -> None:
    """Show what a source gives now, and every fault in it. No story is stored.

    Exit code 1 means that there is a fault.
    """
    from emag.desk import sources

    with call.newsroom() as newsroom:
        checked = sources.check(newsroom, name, now=newsroom.now())
    data = {
        "name": checked.name,
        "ok": checked.is_ok,
        "format": checked.format or None,
        "seen": checked.entries,
        "waiting": checked.waiting,
        "stories": [story_data(story) | {"kind": str(story.kind)} for story in checked.stories],
        "left_out": dict(checked.left_out),
        "faults": [
            {"what": fault.subject, "message": fault.message, "where": fault.where}
            for fault in checked.faults
        ],
    }
    zone = newsroom.settings.publication.zone
    rows = [
        [output.time_text(story.published, zone), story.title, story.author, story.link]
        for story in checked.stories
    ]
    call.output(
        data,
        *([f"Format: {checked.format}"] if checked.format else []),
        output.table(["Date", "Title", "By", "Address"], rows) if rows else "It gives no story",
        *([_waiting(checked.waiting)] if checked.waiting else []),
        *(f"{fault.message} ({fault.where})" for fault in checked.faults),
    )
    if not checked.is_ok:
        raise typer.Exit(1)


def _waiting(pages: int) -> str:
    return f"{pages} more pages wait: ten of one host are read in a minute"


def _data(report: "SourceReport") -> dict[str, Any]:
    state, last = report.state, report.last
    return {
        "name": report.name,
        "kind": report.kind,
        "url": report.address,
        "section": report.section,
        "ok": state.ok if state else None,
        "read_at": state.read_at if state else None,
        "succeeded_at": state.succeeded_at if state else None,
        "seen": state.entries if state else 0,
        "new": last.new if last else 0,
        "changed": last.changed if last else 0,
        "refused": last.refused if last else 0,
        "error": state.error or None if state else None,
        "new_at": state.new_at if state else None,
        "dry": report.is_dry,
        "troubles": [
            {"what": str(entry.trouble.kind), "message": str(entry.trouble), "since": entry.since}
            for entry in report.troubles
        ],
        "notes": list(last.notes) if last else [],
        "left_out": dict(last.left_out) if last else {},
        "reads": [_read_data(read) for read in report.reads],
    }


def _read_data(read: "SourceRead") -> dict[str, Any]:
    return {
        "read_at": read.read_at,
        "ok": read.ok,
        "seen": read.entries,
        "new": read.new,
        "changed": read.changed,
        "refused": read.refused,
        "error": read.error or None,
    }
