"""The page “Sources”: what each gave, what is wrong with it, and what it gives now."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.content.gather import gather
from emag.desk import pictures, sources
from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

SOURCES = "/desk/sources"
WITHIN = timedelta(seconds=40)  # for reading all of them
MOST_STORIES = 30  # of one source that is tried


def router(shell: Shell) -> APIRouter:
    """Every source, and the two forms that read them. No transaction is open meanwhile."""
    pages = routes(shell)
    room = shell.newsroom
    reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READ))]
    actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.ARRANGE))]

    @pages.get(SOURCES)
    def page(request: Request, user: reader) -> Response:
        return shell.page(
            request,
            user,
            "sources.html",
            reports=sources.listing(room.database, room.settings),
            may_arrange=user.may(Permission.ARRANGE),
            sections={s.name: s.title or s.name for s in room.settings.sections},
        )

    @pages.post(f"{SOURCES}/read")
    def read_all(user: actor) -> Response:
        with shell.slow.place(shell.words("sources.busy")):
            gathered = gather(
                room.database, room.sources, now=user.now, within=WITHIN, pages=room.pages
            )
            soon = pictures.SOON
            pictures.fetch(
                room.database,
                room.settings,
                room.pictures,
                now=user.now,
                within=soon,
                is_urgent=True,
            )
        failed = [source.name for source in gathered if not source.ok]
        return shell.back(
            SOURCES,
            "sources.read_failed" if failed else "sources.read_well",
            is_problem=bool(failed),
            new=sum(source.new for source in gathered),
            names=", ".join(failed),
        )

    @pages.post(SOURCES + "/{name}/try")
    def try_now(request: Request, user: actor, name: str) -> Response:
        """Shows what a source gives. Nothing is stored, so there is no page to lead to."""
        with shell.slow.place(shell.words("sources.busy")):
            checked = sources.check(room, name, now=user.now)
        return shell.page(
            request,
            user,
            "source_check.html",
            checked=checked,
            stories=checked.stories[:MOST_STORIES],
        )

    return pages
