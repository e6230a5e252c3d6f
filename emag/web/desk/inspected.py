"""Gives pages the issue as it would leave, at its own time or at another one."""

from datetime import UTC, datetime

from emag.desk.look import Inspection
from emag.desk.review import as_it_would_leave
from emag.errors import EmagError
from emag.web.desk.access import DeskUser
from emag.web.desk.shell import Shell


def inspected(shell: Shell, user: DeskUser, which: str, leave_at: str = "") -> Inspection:
    """The issue as it would leave; `leave_at` is another time for it, in the publication's zone.

    Raises EmagError for what is no time, and WrongMove for one that has passed.
    """
    settings = shell.newsroom.settings
    at = None
    if leave_at:
        try:
            at = datetime.fromisoformat(leave_at).replace(tzinfo=shell.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            raise EmagError(f"“{leave_at}” is no time: write it like 2026-03-06T07:30.") from None
    return as_it_would_leave(shell.viewer, settings, which, now=user.now, send_at=at)
