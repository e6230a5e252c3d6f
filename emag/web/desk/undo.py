"""The buttons “Undo” and “Redo” of an issue, wherever they stand."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from emag.desk import history
from emag.editors.role import Permission
from emag.issues.issue import Issue
from emag.web.desk.access import DeskUser
from emag.web.desk.issue_page import Number
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell, own_path

ActNumber = Annotated[int | None, Form(ge=1, le=2**31 - 1)]


def router(shell: Shell) -> APIRouter:
    """Both forms. `act` is the number of an act; without one it is the newest possible."""
    pages = routes(shell)
    arranger = Depends(shell.access.acts(Permission.ARRANGE))

    @pages.post("/desk/issues/{number}/undo")
    def undo(
        number: Number,
        user: Annotated[DeskUser, arranger],
        act: ActNumber = None,
        back: Annotated[str, Form()] = "",
    ) -> Response:
        return _reverse(shell, user, history.undo, number, act=act, back=back)

    @pages.post("/desk/issues/{number}/redo")
    def redo(
        number: Number,
        user: Annotated[DeskUser, arranger],
        act: ActNumber = None,
        back: Annotated[str, Form()] = "",
    ) -> Response:
        return _reverse(shell, user, history.redo, number, act=act, back=back)

    return pages


def _reverse(
    shell: Shell,
    user: DeskUser,
    verb: Callable[..., Issue],
    number: int,
    *,
    act: int | None,
    back: str,
) -> Response:
    room = shell.newsroom
    before = history.revision(room.database, number)
    verb(room.database, room.settings, number, act, now=user.now, by=user.name)
    _, entries = history.listing(room.database, room.settings, number, after=before)
    reversals = [entry for entry in entries if entry.act.reverses is not None]
    sentence = shell.phrases.act(user.name, reversals[0].deed) if reversals else ""
    to = own_path(back, default=f"/desk/issues/{number}")
    return shell.back(to, "arrange.reversed", sentence=sentence)
