"""Writes the notices about dates to the editors, each once."""

from datetime import datetime

from sqlalchemy import Connection

from emag.dates.calendar import IssueDate, spoken
from emag.dates.store import upcoming
from emag.issues.issue import Issue
from emag.issues.period import in_words
from emag.mailing.letters import notice
from emag.settings import Settings


def skipped(
    conn: Connection, settings: Settings, entry: IssueDate, issue: Issue | None, *, now: datetime
) -> None:
    """Reports a date on which no issue leaves, and the issue that is skipped with it."""
    day = spoken(entry.usual)
    lines = [f"The issue of {day} is {entry.reason}."]
    if issue:
        lines += [f"Issue {issue.number}, “{issue.subject}”, is skipped with it."]
    following = upcoming(conn, settings, now)
    when = f" leaves on {in_words(following.send, settings.publication.zone)}" if following else ""
    lines += [
        f"Its stories come into the next issue, which{when}." if when else "Its stories wait.",
        "",
        f"Send an issue all the same:  emag calendar unskip {entry.usual.isoformat()}",
    ]
    key = f"date-skipped-{entry.usual.isoformat()}"
    _notify(conn, settings, key, f"No issue on {day}", lines, now=now)


def moved(
    conn: Connection, settings: Settings, before: Issue, send: datetime, *, now: datetime, by: str
) -> None:
    """Reports an approved issue that was moved and so needs a new approval."""
    number, zone = before.number, settings.publication.zone
    was = f" It was to leave on {in_words(before.send_at, zone)}." if before.send_at else ""
    lines = [
        f"{by} moved issue {number}, “{before.subject}”, to {in_words(send, zone)}.{was}",
        "That voided its approval. It leaves only if somebody approves it again.",
        "",
        f"Approve it:  emag issue approve {number}",
    ]
    subject = f"Issue {number} has moved: please approve it again"
    key = f"date-moved-{number}-{now.isoformat(timespec='seconds')}"
    _notify(conn, settings, key, subject, lines, now=now)


def _notify(
    conn: Connection,
    settings: Settings,
    key: str,
    subject: str,
    lines: list[str],
    *,
    now: datetime,
) -> None:
    text = "\n".join(lines) + "\n"
    notice.notify_editors(conn, settings=settings, key=key, subject=subject, text=text, now=now)
