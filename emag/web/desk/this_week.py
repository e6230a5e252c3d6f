"""The page “This week”: what leaves when, whether it is ready, and whose turn it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.desk import sources, week
from emag.desk.look import Inspection
from emag.desk.week import IssueOutcome, Turn
from emag.editors.role import Permission
from emag.errors import PressError
from emag.issues.issue import Issue
from emag.schedule import calendar
from emag.schedule.standstill import Obstacle, Standstill, standstills
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

WEEKS = 4  # of dates to come
SECONDS = 20  # for which the last issue's figures are kept
WATCHED_SECONDS = 5  # for which it is kept what does not move


@dataclass(frozen=True, slots=True)
class Readiness:
    """The next issue, and what has to happen to it before it leaves."""

    issue: Issue
    inspection: Inspection | None  # None if it cannot be printed
    fault: str  # why it cannot be printed
    turn: Turn
    persons: list[str]
    tray: int  # stories gathered since the draft


def router(shell: Shell) -> APIRouter:
    """The desk's first page."""
    pages = routes(shell)
    reads = shell.access.reads

    @pages.get("/desk")
    def this_week(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        newsroom = shell.newsroom
        database, settings = newsroom.database, newsroom.settings
        ready = _readiness(shell, user.now)
        number = ready.issue.number if ready else 0
        listing = calendar.listing(database, settings, now=user.now, weeks=WEEKS)
        dates = [date for date in listing if not date.has_begun and date.issue != number]
        return shell.page(
            request,
            user,
            "this_week.html",
            ready=ready,
            primary=_primary(ready, user),
            wait=_wait(ready.issue.send_at if ready else None, user.now),
            troubles=sources.troubles(database, settings),
            outcome=_outcome(shell),
            standstills=_standstills(shell, user.now),
            dates=dates[:3],
        )

    return pages


def _readiness(shell: Shell, now: datetime) -> Readiness | None:
    database, settings = shell.newsroom.database, shell.newsroom.settings
    issue = week.next_issue(database)
    if issue is None:
        return None
    inspection, fault = None, ""
    try:
        inspection = shell.viewer.look(issue.number, now=now)
    except PressError as error:
        fault = str(error)
    is_blocked = inspection is None or bool(inspection.blocking)
    step = week.turn(issue.status, is_blocked=is_blocked)
    tray = week.count_tray(database, settings, issue, now=now)
    return Readiness(issue, inspection, fault, step, week.persons(database, step), tray)


def _standstills(shell: Shell, now: datetime) -> list[Standstill]:
    """What does not move, but for the sources, which have a card of their own."""
    room = shell.newsroom
    causes = shell.figures.get(
        ("standstills",),
        WATCHED_SECONDS,
        lambda: standstills(room.database, room.settings, now=now, condition=room.condition),
    )
    return [cause for cause in causes if cause.obstacle is not Obstacle.SOURCE]


def _primary(ready: Readiness | None, user: DeskUser) -> str:
    """The page's one main button: “review” where nothing is left to mend and the user approves."""
    is_to_mend = ready is None or ready.turn is Turn.MEND
    return "arrange" if is_to_mend or not user.may(Permission.APPROVE) else "review"


def _wait(send_at: datetime | None, now: datetime) -> tuple[str, int] | None:
    """How long until the issue leaves: a unit and its number. None if it has no time to come."""
    left = send_at - now if send_at else timedelta()
    if left <= timedelta():
        return None
    if left >= timedelta(days=2):
        return "days", left.days
    if left >= timedelta(hours=2):
        return "hours", int(left.total_seconds() // 3600)
    return "minutes", max(1, int(left.total_seconds() // 60))


def _outcome(shell: Shell) -> IssueOutcome | None:
    database = shell.newsroom.database
    issue = week.last_issue(database)
    if issue is None:
        return None
    key = ("outcome", issue.number, issue.status)
    return shell.figures.get(key, SECONDS, lambda: week.outcome(database, issue))
