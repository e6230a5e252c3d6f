"""The editors' desk: pages that show an issue and call the verbs that change it."""

from collections.abc import Callable

from fastapi import APIRouter

from emag.newsroom import Newsroom
from emag.web.desk import (
    approve,
    arrange,
    company,
    confirm,
    dates,
    decide,
    editors,
    history,
    issues,
    jobs,
    pool,
    preview,
    promo,
    promos,
    reader,
    reader_add,
    reader_edit,
    reader_export,
    reader_import,
    readers,
    readers_held,
    report,
    review,
    send,
    settings,
    sign_in,
    sources,
    static,
    this_week,
    undo,
    work_account,
    writing,
    you,
)
from emag.web.desk import help as help_page
from emag.web.desk.shell import Shell

# One module a page. Each has `router(shell)`.
PAGES = (
    jobs,
    dates,
    approve,
    writing,
    undo,
    company,
    arrange,
    confirm,
    decide,
    editors,
    help_page,
    pool,
    preview,
    promo,
    promos,
    report,
    review,
    send,
    settings,
    sign_in,
    sources,
    this_week,
    work_account,
    you,
    history,
    issues,
    readers,
    readers_held,
    reader_add,
    reader_import,
    reader_export,
    reader,
    reader_edit,
)


def router(newsroom: Newsroom, *, nudge: Callable[[], None] | None = None) -> APIRouter:
    """Every page of the desk. `nudge` is called when the engine has something to do."""
    shell = Shell(newsroom, nudge=nudge)
    routes = APIRouter()
    for part in (*(page.router(shell) for page in PAGES), static.router(shell.files)):
        routes.routes.extend(part.routes)
    return routes
