"""The commands that show issues: draft, list, show, explain, check."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, IssueArgument, editor_name, now, parse_time
from emag.cli.pictures import fetch_pictures
from emag.cli.story_output import explanation_data
from emag.cli.strict import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from emag.checks import Fault
    from emag.desk.look import Inspection
    from emag.desk.progress import SendingProgress
    from emag.desk.records import Explanation
    from emag.issues.issue import Issue
    from emag.issues.promo import Promo


def draft(
    call: Call,
    at: Annotated[
        str | None,
        typer.Option("--now", metavar="ISO", help="Draft as if it were this time."),
    ] = None,
    *,
    special: Annotated[
        bool, typer.Option("--special", help="An empty issue outside the schedule.")
    ] = False,
    title: Annotated[
        str | None, typer.Option(help="Its subject until you write one. With --special.")
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            metavar="everyone|issue:N",
            help="Who gets it: everyone, or the readers who got issue N. With --special.",
        ),
    ] = None,
    editor: EditorOption = None,
) -> None:
    """Draft the next issue from the stories gathered. A second time it returns the same issue.

    With --special it drafts an empty one beside it, each time.
    """
    from emag.desk import records
    from emag.desk.look import look
    from emag.desk.opening import open_issue
    from emag.issues.draft import draft_special
    from emag.sources import pages

    readers_of = _readers_of(audience)
    if not special and (title is not None or audience is not None):
        raise WrongUsage("--title and --audience need --special")
    with call.database() as (settings, database):
        as_of = parse_time(at, settings.publication.zone) if at else now()
        by = editor_name(editor)
        if special:
            issue = draft_special(
                database, settings, now=as_of, by=by, title=title or "", audience=readers_of
            )
        else:
            issue = open_issue(database, settings, pages(settings), now=as_of, by=by)
        fetch_pictures(settings, database)
        view = look(database, settings, issue.number, now=as_of)
        tray = records.tray(database, settings, issue.number, now=as_of)
    _print_issue(call, view, tray, settings.publication.zone)


def _readers_of(audience: str | None) -> str | None:
    """The issue whose readers are meant, or None for everyone."""
    kind, _, which = (audience or "everyone").partition(":")
    if kind == "issue" and which:
        return which
    if audience in {None, "everyone"}:
        return None
    raise WrongUsage(f"“{audience}” is no audience: write everyone or issue:N")


def audience_text(issue: "Issue | SendingProgress") -> str:
    """Who gets an issue, as the command line writes it."""
    return "everyone" if issue.audience is None else f"issue:{issue.audience}"


def listing(call: Call) -> None:
    """List all issues, the newest first."""
    from emag.desk import records

    with call.database() as (settings, database):
        issues = records.issues(database)
    zone = settings.publication.zone
    rows = [
        [i.number, output.spoken(i.status), i.subject, output.time_text(i.send_at, zone)]
        for i in issues
    ]
    call.output(
        {"issues": [issue_data(issue) for issue in issues]},
        output.table(["No.#", "Status", "Subject", "Leaves"], rows)
        if rows
        else "There is no issue yet: “emag issue draft” makes one",
    )


def show(call: Call, which: IssueArgument) -> None:
    """Show an issue: its subject, its stories and its size."""
    from emag.desk import records
    from emag.desk.look import look

    with call.database() as (settings, database):
        view = look(database, settings, which, now=now())
        tray = records.tray(database, settings, view.issue.number, now=now())
    _print_issue(call, view, tray, settings.publication.zone)


def explain(call: Call, which: IssueArgument) -> None:
    """Show why each story is in an issue or not."""
    from emag.desk import records

    with call.database() as (settings, database):
        rows = records.explain(database, settings, which, now=now())
    items = [explanation_data(row) for row in rows]
    table = [
        ["in" if i["in"] else "out", i["id"], i["title"], i["section"], i["reason"]] for i in items
    ]
    columns = ["", "Story#", "Title", "Section", "Reason"]
    call.output({"items": items}, output.table(columns, table))


def check(call: Call, which: IssueArgument) -> None:
    """Run the pre-flight check. Exit code 1 means that something blocks the issue."""
    from emag.desk.outside import look_and_ask
    from emag.sources import outside

    with call.database() as (settings, database):
        view = look_and_ask(database, settings, outside(settings), which, now=now())
    rows = [[f.severity, f.rule, f.message, f.where] for f in view.faults]
    call.output(
        {"ok": not view.blocking, "faults": [fault_data(fault) for fault in view.faults]},
        output.table(["", "Rule", "What is wrong", "Where"], rows)
        if rows
        else f"Nothing is wrong with issue {view.issue.number}",
    )
    if view.blocking:
        raise typer.Exit(1)


def issue_data(issue: "Issue") -> dict[str, Any]:
    """The fields of an issue that every command prints as JSON."""
    return {
        "number": issue.number,
        "status": str(issue.status),
        "subject": issue.subject,
        "send_at": _iso(issue.send_at),
        "edition": issue.edition,
        "special": issue.is_special,
        "audience": audience_text(issue),
    }


def fault_data(fault: "Fault") -> dict[str, Any]:
    return {
        "rule": fault.rule,
        "severity": fault.severity,
        "message": fault.message,
        "where": fault.where,
        "target": fault.target,
    }


def _print_issue(
    call: Call, view: "Inspection", tray: "list[Explanation]", zone: "ZoneInfo"
) -> None:
    issue = view.issue
    sections = [
        {
            "name": section.name,
            "picks": [
                {
                    "id": pick.candidate,
                    "story": pick.candidate,
                    "title": pick.story.title,
                    "url": pick.story.link,
                    "kind": str(pick.story.kind),
                    "words": {field.value: text for field, text in pick.words.items()},
                    "changed_at_source": [field.value for field in pick.changed],
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
        "tray": [_tray_data(row) for row in tray],
        "promos": [_promo_data(promo) for promo in issue.promos],
        "html_bytes": view.html_bytes,
        "hash": view.hash,
    }
    call.output(
        data,
        *_issue_lines(view, zone),
        *_promo_lines(issue),
        *_tray_lines(tray, is_special=issue.is_special),
    )


def _issue_lines(view: "Inspection", zone: "ZoneInfo") -> "Iterator[Any]":
    issue = view.issue
    leaves = f", leaves {output.time_text(issue.send_at, zone)}" if issue.send_at else ""
    rows = [
        [section.title or section.name if place == 0 else "", pick.candidate, pick.story.title]
        for section in issue.sections
        for place, pick in enumerate(section.picks)
    ]
    edition = f", edition {issue.edition}" if issue.edition else ""
    special = " · special edition" if issue.is_special else ""
    yield f"Issue {issue.number}{edition}{special} · {output.spoken(issue.status)}{leaves}"
    if issue.audience is not None:
        yield f"It goes to the readers who got issue {issue.audience}, and to nobody else"
    yield issue.subject
    yield output.table(["Section", "Story#", "Title"], rows)
    yield f"{output.count_text(len(rows), 'story', 'stories')}, {view.html_bytes:,} bytes of HTML"


def _promo_data(promo: "Promo") -> dict[str, Any]:
    return {
        "id": promo.id,
        "kind": promo.kind.value,
        "title": promo.title,
        "place": promo.place,
        "advertiser": promo.advertiser,
    }


def _promo_lines(issue: "Issue") -> "Iterator[Any]":
    if issue.promos:
        rows = [[p.place, p.id, p.title, p.kind.value] for p in issue.promos]
        yield output.table(["Place", "Promo#", "Title", "Kind"], rows)


def _tray_data(row: "Explanation") -> dict[str, Any]:
    story = row.candidate.story
    return {
        "id": row.candidate.id,
        "story": row.candidate.id,
        "title": story.title,
        "url": story.link,
        "kind": str(story.kind),
        "section": row.verdict.section,
    }


def _tray_lines(tray: "list[Explanation]", *, is_special: bool) -> "Iterator[Any]":
    if tray:
        rows = [[row.verdict.section, row.candidate.id, row.candidate.story.title] for row in tray]
        origin = "In the pool" if is_special else "Gathered since the draft"
        yield f"{origin}. “emag issue pick” puts a story into the issue:"
        yield output.table(["Section", "Story#", "Title"], rows)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
