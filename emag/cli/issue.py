"""Looking at issues: draft, list, show, explain, check, status."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, IssueArgument, now, parse_time

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from emag.checks import Fault
    from emag.issues.issue import Issue
    from emag.press.document import Document
    from emag.settings import Settings

PLANNED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")
REPORTED = ("delivered", "bounced", "complained")


def draft(
    call: Call,
    at: Annotated[
        str | None, typer.Option("--now", metavar="ISO", help="Draft as of this moment.")
    ] = None,
) -> None:
    """Open the next issue from the pool; again in the same period: the same issue."""
    from emag.issues.draft import draft as open_next

    with call.database() as (settings, database):
        as_of = parse_time(at, settings.publication.zone) if at else now()
        issue = open_next(database, settings, now=as_of)
        _show(call, settings, issue, _printed(settings, issue, as_of))


def listing(call: Call) -> None:
    """All issues, the newest first."""
    from emag.issues import store

    with call.database() as (settings, database):
        with database.reading() as conn:
            issues = sorted(store.listing(conn), key=lambda issue: -issue.number)
        zone = settings.publication.zone
        rows = [[i.number, i.status, i.subject, output.time_text(i.send_at, zone)] for i in issues]
        call.output(
            {"issues": [issue_data(issue) for issue in issues]},
            output.table(["No.#", "Status", "Subject", "Leaves"], rows)
            if rows
            else "There is no issue yet: “emag issue draft” opens one",
        )


def show(call: Call, which: IssueArgument) -> None:
    """What an issue holds."""
    from emag.issues import approval, store

    with call.database() as (settings, database):
        with database.reading() as conn:
            issue = store.get(conn, which)
            frozen = approval.frozen(conn, issue.number)
        if frozen:
            printed: tuple[int, str] = (len(frozen.html.encode()), frozen.hash)
        else:
            printed = _printed(settings, issue, now())
        _show(call, settings, issue, printed)


def explain(call: Call, which: IssueArgument) -> None:
    """Why each story is in or out."""
    from emag.issues import store, verdicts

    with call.database() as (_, database):
        with database.reading() as conn:
            found = verdicts.listing(conn, store.get(conn, which).number)
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
        call.output({"items": items}, output.table(["", "Story#", "Title", "Section", "Why"], rows))


def check(call: Call, which: IssueArgument) -> None:
    """The pre-flight; exit 1 while anything blocks."""
    from emag.desk.look import look

    with call.database() as (settings, database):
        view = look(database, settings, which, now=now())
    blocking = report(call, list(view.faults), f"Nothing is wrong with issue {view.issue.number}")
    if blocking:
        raise typer.Exit(1)


def report(call: Call, faults: "list[Fault]", clean: str) -> bool:
    """Prints a pre-flight; True if anything blocks."""
    blocking = any(fault.severity == "block" for fault in faults)
    data = [
        {"rule": f.rule, "severity": f.severity, "message": f.message, "where": f.where}
        for f in faults
    ]
    rows = [[f.severity, f.rule, f.message, f.where] for f in faults]
    found = output.table(["", "Rule", "What is wrong", "Where"], rows) if rows else clean
    call.output({"ok": not blocking, "faults": data}, found)
    return blocking


def status(call: Call, which: IssueArgument) -> None:
    """How far the sending is, in counts that add up."""
    from emag.issues import store
    from emag.mailing.sending import ledger

    with call.database() as (_, database):
        with database.reading() as conn:
            issue = store.get(conn, which)
            counts = ledger.counts(conn, issue.number)
        print_counts(call, issue, counts)


def print_counts(call: Call, issue: "Issue", counts: "dict[str, int]") -> None:
    data = {"number": issue.number, "status": str(issue.status), "planned": counts["planned"]}
    data |= {name: counts[name] for name in (*PLANNED, *REPORTED)}
    call.output(
        data,
        f"Issue {issue.number} is {issue.status}: {output.count_text(counts['planned'], 'reader')} "
        f"planned = {output.sum_text(counts, PLANNED)}",
        f"Reported on accepted ones: {output.sum_text(counts, REPORTED)}",
    )


def issue_data(issue: "Issue") -> dict[str, Any]:
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


def _show(call: Call, settings: "Settings", issue: "Issue", printed: tuple[int, str]) -> None:
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
    data = issue_data(issue) | {
        "preheader": issue.preheader,
        "note": issue.note,
        "approved_by": issue.approved_by,
        "sections": sections,
        "html_bytes": size,
        "hash": hashed,
    }
    call.output(data, *_page(issue, size, settings.publication.zone))


def _page(issue: "Issue", size: int, zone: "ZoneInfo") -> list[Any]:
    leaves = f", leaves {output.time_text(issue.send_at, zone)}" if issue.send_at else ""
    rows = [
        [section.title or section.name if place == 0 else "", pick.candidate, pick.story.title]
        for section in issue.sections
        for place, pick in enumerate(section.picks)
    ]
    return [
        f"Issue {issue.number} · {issue.status}{leaves}",
        f"{issue.subject}",
        output.table(["Section", "Story#", "Title"], rows),
        f"{output.count_text(len(rows), 'story', 'stories')}, {size:,} bytes of HTML",
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
