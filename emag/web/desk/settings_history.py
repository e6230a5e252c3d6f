"""The page that says who changed which setting, from what to what, and takes it back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.desk import settings_change
from emag.editors.role import Permission
from emag.errors import EmagError, SettingsError
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.settings_form import sent_form
from emag.web.desk.shell import Shell, own_path

PATH = "/desk/settings/history"


def router(shell: Shell) -> APIRouter:
    """The page, the file before a change, and “Undo”."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts

    @pages.get(PATH)
    def history(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        changes = settings_change.history(shell.newsroom.database)
        return shell.page(request, user, "settings_history.html", changes=changes)

    @pages.get(PATH + "/{number}/file")
    def former(
        _user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))],
        number: int,
    ) -> Response:
        text = settings_change.former_text(shell.newsroom.database, number)
        return Response(text, media_type="text/plain; charset=utf-8")

    @pages.post(PATH + "/{number}/undo")
    def undo(
        user: Annotated[DeskUser, Depends(acts(Permission.SETTINGS))],
        sent: Annotated[dict[str, str], Depends(sent_form)],
        number: int,
    ) -> Response:
        newsroom = shell.newsroom
        back = own_path(sent.get("back"), default=PATH)
        try:
            settings_change.undo(
                newsroom.database, newsroom.settings, number, now=newsroom.now(), by=user.name
            )
        except (SettingsError, EmagError) as error:
            return shell.back(back, "settings.not_undone", is_problem=True, why=error)
        return shell.back(back, "settings.undone")

    return pages
