"""The editors' desk: pages that show an issue and call the verbs that change it."""

from fastapi import APIRouter

from emag.newsroom import Newsroom
from emag.web.desk import static, this_week
from emag.web.desk.shell import Shell

# One module a page. Each has `router(shell)`.
PAGES = (this_week,)


def router(newsroom: Newsroom) -> APIRouter:
    """Every page of the desk."""
    shell = Shell(newsroom)
    routes = APIRouter(include_in_schema=False)
    for page in PAGES:
        routes.include_router(page.router(shell))
    routes.include_router(static.router(shell.files))
    return routes
