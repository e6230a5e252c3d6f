"""The page of one date: move it, skip it, or let an issue leave on it again."""

from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.editors.role import Permission
from emag.errors import NotFound, WrongMove
from emag.schedule import calendar
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

ISSUES = "/desk/issues"


def router(shell: Shell) -> APIRouter:
    """One date of the calendar."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    database, settings = shell.newsroom.database, shell.newsroom.settings

    @pages.get("/desk/dates/{day}")
    def one_date(
        request: Request, day: str, user: Annotated[DeskUser, Depends(reads(Permission.ARRANGE))]
    ) -> Response:
        return _page(shell, request, user, _day(shell, day))

    @pages.post("/desk/dates/{day}/move")
    def move(
        request: Request,
        day: str,
        user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))],
        to: Annotated[str, Form(alias="day", max_length=20)] = "",
        clock: Annotated[str, Form(alias="time", max_length=10)] = "",
    ) -> Response:
        usual, entered = _day(shell, day), {"day": to, "time": clock}
        send, problems = _moment(shell, to, clock)
        if send is None:
            return _page(shell, request, user, usual, entered=entered, problems=problems)
        try:
            outcome = calendar.move(database, settings, usual, send, now=user.now, by=user.name)
        except WrongMove as error:
            return _page(shell, request, user, usual, entered=entered, problems={"day": str(error)})
        key = "dates.moved_voided" if outcome.approval_voided else "dates.moved"
        return shell.back(ISSUES, key, when=shell.moment(outcome.line.send))

    @pages.post("/desk/dates/{day}/skip")
    def skip(day: str, user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))]) -> Response:
        usual = _day(shell, day)
        calendar.skip(database, settings, usual, now=user.now, by=user.name)
        return shell.back(ISSUES, "dates.skipped", day=shell.day(usual))

    @pages.post("/desk/dates/{day}/unskip")
    def unskip(day: str, user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))]) -> Response:
        usual = _day(shell, day)
        calendar.unskip(database, settings, usual, now=user.now, by=user.name)
        return shell.back(ISSUES, "dates.unskipped", day=shell.day(usual))

    return pages


def _day(shell: Shell, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound(shell.words("dates.unknown")) from None


def _moment(shell: Shell, day: str, clock: str) -> tuple[datetime | None, dict[str, str]]:
    """The moment that was entered, in the publication's zone, or what is wrong with it."""
    problems: dict[str, str] = {}
    on, at = None, None
    try:
        on = date.fromisoformat(day.strip())
    except ValueError:
        problems["day"] = shell.words("dates.no_day")
    try:
        at = time.fromisoformat(clock.strip())
    except ValueError:
        problems["time"] = shell.words("dates.no_time")
    if on is None or at is None:
        return None, problems
    return datetime.combine(on, at.replace(tzinfo=None), shell.zone), {}


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    day: date,
    *,
    entered: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    line = calendar.date_of(shell.newsroom.database, shell.newsroom.settings, day, now=user.now)
    local = line.send.astimezone(shell.zone)
    return shell.page(
        request,
        user,
        "date.html",
        status=422 if problems else 200,
        problems=problems,
        line=line,
        entered=entered or {"day": local.date().isoformat(), "time": f"{local:%H:%M}"},
        zone=f"{local:%Z}",
    )
