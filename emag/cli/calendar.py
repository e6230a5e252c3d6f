"""The commands about dates: the calendar itself, skip, move and unskip."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emag.cli import output
from emag.cli.call import Call, EditorOption, editor_name, now, parse_time
from emag.cli.strict import WrongUsage

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from emag.schedule.calendar import CalendarDate, DateOutcome, Target

MOST_WEEKS = 260

DateArgument = Annotated[
    str, typer.Argument(metavar="DATE", help="A date of the calendar, such as 2026-12-25.")
]


def listing(
    call: Call,
    weeks: Annotated[int, typer.Option(min=1, max=MOST_WEEKS, help="How many weeks to show.")] = 12,
) -> None:
    """Show the dates to come: when each issue is drafted and sent, and why."""
    from emag.schedule import calendar

    with call.database() as (settings, database):
        lines = calendar.listing(database, settings, now=now(), weeks=weeks)
    zone = settings.publication.zone
    rows = [
        [_time_text(line.draft, zone), _time_text(line.send, zone), line.status, line.reason]
        for line in lines
    ]
    call.output(
        {"dates": [_date_data(line, zone) for line in lines]},
        output.table(["Draft", "Leaves", "Status", "Why"], rows)
        if rows
        else "No date is planned: set “send” in [schedule] of emag.toml",
    )


def skip(call: Call, day: DateArgument, editor: EditorOption = None) -> None:
    """Let no issue leave on a date. Its stories come into the next issue."""
    from emag.schedule import calendar

    by = editor_name(editor)
    with call.database() as (settings, database):
        outcome = calendar.skip(database, settings, _parse_date(day), now=now(), by=by)
    text = f"The issue of {_day_text(outcome.line.usual)} is skipped"
    if outcome.issue:
        text += f", and issue {outcome.issue.number} with it: its stories come into the next issue"
    _print_outcome(call, outcome, settings.publication.zone, text)


def move(
    call: Call,
    day: DateArgument,
    to: Annotated[
        str,
        typer.Argument(
            metavar="TIME",
            help="A time such as 2026-12-24T09:00, a day, or “thu 09:00” in the date's week.",
        ),
    ],
    editor: EditorOption = None,
) -> None:
    """Move a date. Its draft moves by the same distance, and its open issue leaves then.

    This voids the approval of an approved issue.
    """
    from emag.schedule import calendar

    by = editor_name(editor)
    with call.database() as (settings, database):
        zone = settings.publication.zone
        target = _parse_target(to, zone)
        outcome = calendar.move(database, settings, _parse_date(day), target, now=now(), by=by)
    line = outcome.line
    text = f"The issue of {_day_text(line.usual)} leaves on {_time_text(line.send, zone)}"
    if line.draft and not outcome.issue:
        text += f" and is drafted on {_time_text(line.draft, zone)}"
    if outcome.approval_voided:
        text += f". It was approved: run “emag issue approve {line.issue}” again"
    _print_outcome(call, outcome, zone, text)


def unskip(call: Call, day: DateArgument, editor: EditorOption = None) -> None:
    """Let an issue leave on a date that was skipped."""
    from emag.schedule import calendar

    by = editor_name(editor)
    with call.database() as (settings, database):
        outcome = calendar.unskip(database, settings, _parse_date(day), now=now(), by=by)
    zone = settings.publication.zone
    line = outcome.line
    text = f"The issue of {_day_text(line.usual)} leaves on {_time_text(line.send, zone)}"
    _print_outcome(call, outcome, zone, text)


def _print_outcome(call: Call, outcome: "DateOutcome", zone: "ZoneInfo", text: str) -> None:
    voided = {"approval_voided": outcome.approval_voided}
    call.output(_date_data(outcome.line, zone) | voided, text)


def _date_data(line: "CalendarDate", zone: "ZoneInfo") -> dict[str, Any]:
    return {
        "usual": line.usual.isoformat(),
        "draft": line.draft.astimezone(zone).isoformat() if line.draft else None,
        "send": line.send.astimezone(zone).isoformat(),
        "status": str(line.status),
        "reason": line.reason,
        "issue": line.issue,
    }


def _parse_date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise WrongUsage(f"“{text}” is not a date: write it like 2026-12-25") from None


def _parse_target(text: str, zone: "ZoneInfo") -> "Target":
    """A moment, a day, or a weekday with a time."""
    from emag.settings.times import read

    words = text.strip()
    if not words[:1].isdigit():
        try:
            return read(words)
        except ValueError:
            advice = "write it like 2026-12-24T09:00 or “thu 09:00”"
            raise WrongUsage(f"“{text}” is not a time: {advice}") from None
    try:
        return date.fromisoformat(words)
    except ValueError:
        return parse_time(words, zone)


def _day_text(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


def _time_text(at: "datetime | None", zone: "ZoneInfo") -> str:
    """A time with the zone's short name: “Fri 6 Mar 2026, 07:30 GMT”."""
    return f"{output.time_text(at, zone)} {at.astimezone(zone):%Z}" if at else ""
