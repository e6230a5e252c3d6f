"""The page “History”: what was done to an issue, as sentences, and what differs since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from emag.desk import history
from emag.editors.role import Permission
from emag.issues.act import ActKind
from emag.issues.history import ToldAct
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

MOST = 150  # acts, unless all are asked for
ActNumber = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@dataclass(frozen=True, slots=True)
class DayOfActs:
    """The acts of one day, newest first. `at` is the time of one of them."""

    at: datetime
    entries: Sequence[ToldAct]


def router(shell: Shell) -> APIRouter:
    """The acts of an issue, newest first."""
    pages = routes(shell)
    database, settings = shell.newsroom.database, shell.newsroom.settings

    @pages.get("/desk/issues/{which}/history")
    def acts(
        request: Request,
        which: str,
        user: Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))],
        start: Annotated[int | None, Query(alias="from", ge=0, le=2**31 - 1)] = None,
        end: Annotated[int | None, Query(alias="to", ge=0, le=2**31 - 1)] = None,
        *,
        all: bool = False,  # noqa: A002 - the name in the address
    ) -> Response:
        issue, entries = history.listing(database, settings, which)
        number, newest = issue.number, entries[-1].act.id if entries else 0
        start, end = sorted((start or 0, newest if end is None else end))
        is_compared = "from" in request.query_params
        return shell.page(
            request,
            user,
            "history.html",
            issue=issue,
            days=_days(shell, entries if all else entries[-MOST:]),
            more=0 if all else max(len(entries) - MOST, 0),
            undoable=history.undoable(database, number),
            approvals=history.approvals(database, number)[::-1],
            moments=[entry for entry in entries if entry.act.kind is ActKind.STATUS],
            newest=newest,
            start=start,
            end=end,
            changes=history.compare(database, settings, number, start=start, end=end)
            if is_compared
            else None,
        )

    return pages


def _days(shell: Shell, entries: Sequence[ToldAct]) -> list[DayOfActs]:
    def day(entry: ToldAct) -> datetime:
        local = entry.act.at.astimezone(shell.zone)
        return local.replace(hour=0, minute=0, second=0, microsecond=0)

    return [DayOfActs(at, [*same]) for at, same in groupby(reversed(entries), key=day)]
