"""Asks for changes of an issue before it leaves, and settles what was asked for."""

from datetime import datetime

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.desk.colleagues import review_link, tell_colleagues
from emag.errors import EmagError, NotFound, WrongMove
from emag.issues import change_requests, store
from emag.issues.change_requests import LONGEST, ChangeRequest
from emag.issues.issue import UNSENT, spoken
from emag.settings import Settings


def ask_for_changes(
    database: Database,
    settings: Settings,
    which: int | str,
    text: str,
    *,
    now: datetime,
    by: str,
) -> ChangeRequest:
    """Records what should change, and tells the other editors by mail.

    Raises NotFound, EmagError for an empty or too long text, and WrongMove for an issue that has
    begun to leave.
    """
    text = text.strip()
    if not text:
        raise EmagError("Say what should change, so that others know what to do.")
    if len(text) > LONGEST:
        raise EmagError(f"The text has {len(text)} characters: write at most {LONGEST}.")
    with database.transaction() as conn:
        issue = store.get(conn, which)
        if issue.status not in UNSENT:
            status = spoken(issue.status)
            raise WrongMove(f"Issue {issue.number} is {status}: it can no longer be changed.")
        request = change_requests.add(conn, issue.number, text, by=by, now=now)
        kind, subject = AuditKind.CHANGES_REQUESTED, f"issue {issue.number}"
        record.append(conn, kind, by=by, now=now, subject=subject)
        tell_colleagues(
            conn,
            settings,
            key=f"changes-{issue.number}-{request.id}",
            subject=f"Changes to issue {issue.number}, please: {issue.subject}",
            lines=[
                f"{by} asks for changes to issue {issue.number}, “{issue.subject}”:",
                "",
                *(f"  {line}".rstrip() for line in text.splitlines()),
                "",
                f"The issue:  {review_link(settings, issue.number)}",
            ],
            by=by,
            now=now,
        )
    return request


def settle(database: Database, which: int | str, request: int, *, now: datetime, by: str) -> None:
    """Records that a request is settled. Raises NotFound for one that is not open."""
    with database.transaction() as conn:
        number = store.get(conn, which).number
        if not change_requests.settle(conn, number, by=by, now=now, request=request):
            raise NotFound("This request is settled already.")
