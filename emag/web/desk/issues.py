"""The page “Issues and dates”: the next dates, the open issues, and those that have left."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response

from emag.desk import records
from emag.desk.opening import open_issue
from emag.editors.role import Permission
from emag.errors import NotFound, TooFewStories, WrongMove
from emag.issues.draft import draft_special
from emag.schedule import calendar
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

DATES = 12
PAST = 24  # on one page


def router(shell: Shell) -> APIRouter:
    """The dates, the issues, and what opens one."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    newsroom = shell.newsroom
    database, settings = newsroom.database, newsroom.settings

    @pages.get("/desk/issues")
    def issues(
        request: Request,
        user: Annotated[DeskUser, Depends(reads(Permission.READ))],
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        return _page(shell, request, user, page=page)

    @pages.post("/desk/issues/draft")
    def draft(
        request: Request, user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))]
    ) -> Response:
        try:
            issue = open_issue(database, settings, newsroom.pages, now=user.now, by=user.name)
        except TooFewStories as error:
            return _page(shell, request, user, problems={"draft": str(error)})
        shell.nudge()  # the timetable fetches its pictures
        return shell.back(f"/desk/issues/{issue.number}", "issues.drafted", number=issue.number)

    @pages.post("/desk/issues/special")
    def special(
        request: Request,
        user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))],
        title: Annotated[str, Form(max_length=500)] = "",
        audience: Annotated[str, Form(max_length=40)] = "everyone",
    ) -> Response:
        if not title.strip():
            return _page(
                shell, request, user, problems={"title": shell.words("issues.special.no_title")}
            )
        try:
            issue = draft_special(
                database,
                settings,
                now=user.now,
                by=user.name,
                title=title,
                audience=_readers_of(audience),
            )
        except (NotFound, WrongMove) as error:
            return _page(shell, request, user, problems={"audience": str(error)}, title=title)
        return shell.back(f"/desk/issues/{issue.number}", "issues.drafted", number=issue.number)

    return pages


def _readers_of(audience: str) -> str | None:
    """The issue whose readers are meant; None for everyone."""
    kind, _, number = audience.partition(":")
    return number if kind == "issue" else None


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    *,
    page: int = 1,
    problems: dict[str, str] | None = None,
    title: str = "",
) -> Response:
    newsroom = shell.newsroom
    database, settings = newsroom.database, newsroom.settings
    past = records.past(database, page=page, size=PAST)
    opened = records.open_issues(database)
    dates = calendar.next_dates(database, settings, now=user.now, count=DATES)
    return shell.page(
        request,
        user,
        "issues.html",
        status=422 if problems else 200,
        problems=problems,
        dates=dates,
        changeable={line.usual for line in dates if line.is_of_rhythm and not line.has_begun},
        opened=opened,
        opened_by_number={issue.number: issue for issue in opened},
        past=past,
        wished_title=title,
        audiences=[one for one in past.issues if one.planned][:DATES],
    )
