"""Looking at issues: draft, list, show, explain, check, status."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import paper
from emag.cli.door import Door, Which, moment, now

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.checks import Fault
    from emag.issues.issue import Issue
    from emag.press.document import Document
    from emag.settings import Settings

PLANNED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")
REPORTED = ("delivered", "bounced", "complained")


def draft(
    door: Door,
    at: Annotated[
        str | None, typer.Option("--now", metavar="ISO", help="Draft as of this moment.")
    ] = None,
) -> None:
    """Open the next issue from the pool; again in the same period: the same issue."""
    from emag.issues.draft import draft as open_next

    with door.records() as (settings, database):
        as_of = moment(at, settings.publication.zone) if at else now()
        issue = open_next(database, settings, now=as_of)
        _show(door, settings, issue, _printed(settings, issue, as_of))


def listing(door: Door) -> None:
    """All issues, the newest first."""
    from emag.issues import store

    with door.records() as (settings, database):
        with database.reading() as conn:
            issues = sorted(store.listing(conn), key=lambda issue: -issue.number)
        zone = settings.publication.zone
        rows = [[i.number, i.status, i.subject, paper.moment(i.send_at, zone)] for i in issues]
        door.say(
            {"issues": [head(issue) for issue in issues]},
            paper.table(["No.#", "Status", "Subject", "Leaves"], rows)
            if rows
            else "There is no issue yet: “emag issue draft” opens one",
        )


def show(door: Door, which: Which) -> None:
    """What an issue holds."""
    from emag.issues import store

    with door.records() as (settings, database):
        with database.reading() as conn:
            issue = store.get(conn, which)
            frozen = store.frozen(conn, issue.number)
        if frozen:
            printed: tuple[int, str] = (len(frozen.html.encode()), frozen.hash)
        else:
            printed = _printed(settings, issue, now())
        _show(door, settings, issue, printed)


def explain(door: Door, which: Which) -> None:
    """Why each story is in or out."""
    from emag.issues import store

    with door.records() as (_, database):
        with database.reading() as conn:
            found = store.verdicts(conn, store.get(conn, which).number)
        items = [
            {
                "id": candidate.id,
                "title": candidate.story.title,
                "url": candidate.story.link,
                "kind": candidate.story.kind,
                "source": candidate.story.source,
                "section": verdict.section,
                "in": verdict.chosen,
                "reason": verdict.reason,
            }
            for verdict, candidate in found
        ]
        rows = [
            ["in" if i["in"] else "out", i["id"], i["title"], i["section"], i["reason"]]
            for i in items
        ]
        door.say({"items": items}, paper.table(["", "Story#", "Title", "Section", "Why"], rows))


def check(door: Door, which: Which) -> None:
    """The pre-flight; exit 1 while anything blocks."""
    from emag.desk import approve
    from emag.issues import store

    with door.records() as (settings, database):
        with database.reading() as conn:
            number = store.get(conn, which).number
        _, faults = approve.check(database, settings, number, now=now())
    blocking = report(door, faults, f"Nothing is wrong with issue {number}")
    if blocking:
        raise typer.Exit(1)


def report(door: Door, faults: "list[Fault]", clean: str) -> bool:
    """Prints a pre-flight; True if anything blocks."""
    blocking = any(fault.severity == "block" for fault in faults)
    data = [
        {"rule": f.rule, "severity": f.severity, "message": f.message, "where": f.where}
        for f in faults
    ]
    rows = [[f.severity, f.rule, f.message, f.where] for f in faults]
    found = paper.table(["", "Rule", "What is wrong", "Where"], rows) if rows else clean
    door.say({"ok": not blocking, "faults": data}, found)
    return blocking


def status(door: Door, which: Which) -> None:
    """How far the sending is, in counts that add up."""
    from emag.issues import store
    from emag.mailing.sending import ledger

    with door.records() as (_, database):
        with database.reading() as conn:
            issue = store.get(conn, which)
            counts = ledger.counts(conn, issue.number)
        say_counts(door, issue, counts)


def say_counts(door: Door, issue: "Issue", counts: "dict[str, int]") -> None:
    data = {"number": issue.number, "status": str(issue.status), "planned": counts["planned"]}
    data |= {name: counts[name] for name in (*PLANNED, *REPORTED)}
    door.say(
        data,
        f"Issue {issue.number} is {issue.status}: {paper.counted(counts['planned'], 'reader')} "
        f"planned = {paper.sums(counts, PLANNED)}",
        f"Reported on accepted ones: {paper.sums(counts, REPORTED)}",
    )


def head(issue: "Issue") -> dict[str, Any]:
    return {
        "number": issue.number,
        "status": str(issue.status),
        "subject": issue.subject,
        "send_at": _iso(issue.send_at),
    }


def _printed(settings: "Settings", issue: "Issue", at: datetime) -> tuple[int, str]:
    from emag.press.compose import compose

    document: Document = compose(issue, settings, now=at)
    return document.html_bytes, document.hash


def _show(door: Door, settings: "Settings", issue: "Issue", printed: tuple[int, str]) -> None:
    size, hashed = printed
    sections = [
        {
            "name": section.name,
            "picks": [
                {
                    "id": pick.candidate,
                    "title": pick.story.title,
                    "url": pick.story.link,
                    "kind": str(pick.story.kind),
                }
                for pick in section.picks
            ],
        }
        for section in issue.sections
    ]
    data = head(issue) | {
        "preheader": issue.preheader,
        "note": issue.note,
        "approved_by": issue.approved_by,
        "sections": sections,
        "html_bytes": size,
        "hash": hashed,
    }
    door.say(data, *_page(issue, size, settings.publication.zone))


def _page(issue: "Issue", size: int, zone: "ZoneInfo") -> list[Any]:
    leaves = f", leaves {paper.moment(issue.send_at, zone)}" if issue.send_at else ""
    rows = [
        [section.title or section.name if place == 0 else "", pick.candidate, pick.story.title]
        for section in issue.sections
        for place, pick in enumerate(section.picks)
    ]
    return [
        f"Issue {issue.number} · {issue.status}{leaves}",
        f"{issue.subject}",
        paper.table(["Section", "Story#", "Title"], rows),
        f"{paper.counted(len(rows), 'story', 'stories')}, {size:,} bytes of HTML",
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
