"""The page “Jobs”: who looks for whom, and which job closes before its readers see it."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.desk import arrange, history, jobs
from emag.editors.role import Permission
from emag.issues.issue import Issue
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell


class JobAct(StrEnum):
    """A button of the table."""

    FEATURE = "feature"
    LATER = "later"
    OUT = "out"
    IN = "in"


def router(shell: Shell) -> APIRouter:
    """The table of jobs and its buttons."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    database, settings = shell.newsroom.database, shell.newsroom.settings

    @pages.get("/desk/jobs")
    def board(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        result = jobs.board(database, settings, now=user.now)
        return shell.page(request, user, "jobs.html", board=result)

    @pages.post("/desk/jobs/{story}/{act}")
    def change(
        story: int,
        act: JobAct,
        user: Annotated[DeskUser, Depends(acts(Permission.ARRANGE))],
        issue: Annotated[int, Form()],
    ) -> Response:
        after = _perform(shell, user, issue, story, act)
        return shell.back(
            "/desk/jobs",
            f"jobs.done.{act}",
            issue=after.number,
            act=history.revision(database, after.number),
            number=after.number,
        )

    return pages


def _perform(shell: Shell, user: DeskUser, number: int, story: int, act: JobAct) -> Issue:
    database, settings = shell.newsroom.database, shell.newsroom.settings
    if act in _OF_SEVERAL:
        several = _OF_SEVERAL[act]
        return several(database, settings, number, [story], now=user.now, by=user.name)
    return _OF_ONE[act](database, settings, number, story, now=user.now, by=user.name)


_OF_ONE = {JobAct.FEATURE: arrange.feature, JobAct.IN: arrange.pick}
_OF_SEVERAL = {JobAct.LATER: arrange.hold, JobAct.OUT: arrange.drop}
