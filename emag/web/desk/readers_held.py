"""The page that decides about sign-ups which a flood holds back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell

PATH = "/desk/readers/held"


def router(shell: Shell) -> APIRouter:
    """What is held back, and the two ways to decide."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READERS))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.READERS))]  # noqa: N806
    readers = shell.newsroom.readers

    @pages.get(PATH)
    def page(request: Request, user: Reader) -> Response:
        return shell.page(request, user, "readers_held.html", held=readers.held_signups())

    @pages.post(f"{PATH}/release")
    def release(user: Actor) -> Response:
        held = readers.release_signups(by=user.name)
        shell.nudge()
        return shell.back("/desk/readers", "readers_held.released", number=held.held)

    @pages.post(f"{PATH}/drop")
    def drop(user: Actor) -> Response:
        held = readers.drop_signups(by=user.name)
        return shell.back("/desk/readers", "readers_held.dropped", number=held.held)

    return pages
