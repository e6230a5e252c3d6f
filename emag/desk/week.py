"""This week: the issue that leaves next, whose turn it is, and what needs somebody's attention."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from emag.database import Database
from emag.editors import people
from emag.editors.role import Permission, permissions
from emag.errors import NotFound
from emag.issues import store
from emag.issues.issue import LEAVING, Issue, Status
from emag.issues.tray import in_tray
from emag.mailing.sending import ledger, results
from emag.settings import Settings


class Turn(StrEnum):
    """What has to happen next to an issue before it leaves."""

    MEND = "mend"  # something blocks it: an editor's turn
    APPROVE = "approve"  # an approver's turn
    DECIDE = "decide"  # it is held: an approver's turn
    NOBODY = "nobody"  # approved: it leaves by itself


@dataclass(frozen=True, slots=True)
class IssueOutcome:
    """What came of an issue that has begun to leave, in figures."""

    issue: Issue
    counts: Mapping[str, int]
    left: int  # readers who unsubscribed within 7 days

    @property
    def is_leaving(self) -> bool:
        return self.issue.status in LEAVING


def next_issue(database: Database) -> Issue | None:
    """The unsent issue that leaves first, if there is one."""
    try:
        with database.reading() as conn:
            return store.get(conn, "next")
    except NotFound:
        return None


def turn(status: Status, *, is_blocked: bool) -> Turn:
    """Whose turn it is with an unsent issue."""
    if status is Status.APPROVED:
        return Turn.NOBODY
    if is_blocked:
        return Turn.MEND
    return Turn.DECIDE if status is Status.HELD else Turn.APPROVE


def persons(database: Database, step: Turn) -> list[str]:
    """The names of those whose turn it is."""
    needed = {
        Turn.MEND: Permission.ARRANGE,
        Turn.APPROVE: Permission.APPROVE,
        Turn.DECIDE: Permission.APPROVE,
    }.get(step)
    if needed is None:
        return []
    return [
        editor.name or editor.address
        for editor in people.listing(database)
        if needed in permissions(editor.roles)
    ]


def count_tray(database: Database, settings: Settings, issue: Issue, *, now: datetime) -> int:
    """How many stories were gathered since the draft and could still go into the issue."""
    with database.reading() as conn:
        return len(in_tray(conn, settings, issue, now=now))


def last_issue(database: Database) -> Issue | None:
    """The newest issue that has begun to leave, if there is one."""
    try:
        with database.reading() as conn:
            return store.get(conn, "latest")
    except NotFound:
        return None


def outcome(database: Database, issue: Issue) -> IssueOutcome:
    """What came of an issue that has begun to leave."""
    with database.reading() as conn:
        counts = ledger.counts(conn, issue.number)
        return IssueOutcome(issue, counts, results.count_left(conn, issue.number))
