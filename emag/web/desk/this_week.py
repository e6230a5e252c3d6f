"""The page “This week”: what leaves when, whether it is ready, and whose turn it is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.desk import records
from emag.editors.role import Permission
from emag.errors import NotFound
from emag.issues.issue import Issue
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell


def router(shell: Shell) -> APIRouter:
    """The desk's first page."""
    pages = routes(shell)
    reads = shell.access.reads

    @pages.get("/desk")
    def this_week(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.READ))]
    ) -> Response:
        return shell.page(request, user, "this_week.html", issue=_next(shell))

    return pages


def _next(shell: Shell) -> Issue | None:
    try:
        return records.issue(shell.newsroom.database, "next")
    except NotFound:
        return None
