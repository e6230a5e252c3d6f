"""Reminds the editors, and a second person, of an issue that waits and is to leave soon."""

from collections.abc import Iterator
from datetime import datetime
from threading import Event

from sqlalchemy import Connection

from emag.issues import life, store
from emag.issues.issue import Issue, Move, Status
from emag.newsroom import Newsroom
from emag.schedule import notify, runs


def reminders(newsroom: Newsroom, _stop: Event | None = None) -> Iterator[str]:
    """Reminds once of each issue that nobody has approved, `[approval] remind` before its time."""
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        waiting = [issue for issue in _waiting(conn, newsroom) if _is_due(conn, newsroom, issue)]
    for issue in waiting:
        assert issue.send_at
        key = (f"remind {issue.send_at:%Y-%m-%dT%H:%M}", str(issue.number))
        if runs.claim(newsroom.database, key, now=now):
            notify.reminder(newsroom, issue)
            runs.finish(newsroom.database, key, "", now=newsroom.now())
            yield f"The editors are reminded of issue {issue.number}"


def _waiting(conn: Connection, newsroom: Newsroom) -> list[Issue]:
    """The issues that a person must approve."""
    statuses = [Status.IN_REVIEW]
    if newsroom.settings.schedule.approval == "required":
        statuses.append(Status.DRAFT)
    return store.listing(conn, *statuses)


def _is_due(conn: Connection, newsroom: Newsroom, issue: Issue) -> bool:
    """True in the time before the send, unless the editors were asked within that time."""
    remind = newsroom.settings.approval.remind
    if not remind or issue.send_at is None:
        return False
    due = issue.send_at - remind
    return _asked_at(conn, issue) < due <= newsroom.now() < issue.send_at


def _asked_at(conn: Connection, issue: Issue) -> datetime:
    """When the editors were asked last, or else when the issue was drafted."""
    steps = life.history(conn, issue.number)
    return max((step.at for step in steps if step.move is Move.SUBMIT), default=issue.until)
