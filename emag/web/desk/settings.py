"""The page “Settings”: what the doctor says, what waits for a restart, and where to change what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.editors.role import Permission
from emag.errors import SettingsError
from emag.settings import Settings, load, running
from emag.web.desk import settings_history, settings_look, settings_rules, settings_texts
from emag.web.desk.access import DeskUser
from emag.web.desk.examination import Examination
from emag.web.desk.routing import routes
from emag.web.desk.settings_form import latest_change
from emag.web.desk.settings_values import tables
from emag.web.desk.shell import Shell

PATH = "/desk/settings"


@dataclass(frozen=True, slots=True)
class SettingsState:
    """How the settings of this process differ from what is written now."""

    faults: Sequence[str] = ()  # why what is written cannot be taken
    waiting: Sequence[str] = ()  # settings that need a restart


def router(shell: Shell) -> APIRouter:
    """The page itself, the list of all settings, and the pages that change them."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    examination = Examination(shell.newsroom.settings.folder, shell.newsroom.now)

    @pages.get(PATH)
    def settings(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        return shell.page(
            request,
            user,
            "settings.html",
            state=state(shell.newsroom.settings),
            answer=examination.answer,
            began=examination.began,
            latest=latest_change(shell, "emag.toml"),
        )

    @pages.post(f"{PATH}/examine")
    def examine(_user: Annotated[DeskUser, Depends(acts(Permission.SETTINGS))]) -> Response:
        is_over = examination.run()
        return shell.back(f"{PATH}#doctor", "" if is_over else "settings.still_examining")

    @pages.get(f"{PATH}/all")
    def all_settings(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        listed = tables(shell.newsroom.settings)
        folder = shell.newsroom.settings.folder
        return shell.page(request, user, "settings_all.html", tables=listed, folder=folder)

    for page in (settings_look, settings_rules, settings_texts, settings_history):
        pages.routes.extend(page.router(shell).routes)
    return pages


def state(settings: Settings) -> SettingsState:
    """Compares what runs with what is written."""
    try:
        written = load(settings.folder)
    except SettingsError as error:
        return SettingsState(faults=error.faults)
    return SettingsState(waiting=running.waiting(settings, written))
