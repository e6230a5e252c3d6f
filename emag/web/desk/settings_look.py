"""The page where an operator changes colours, fonts and logo, and sees an issue in them at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from emag.desk import look_trial
from emag.desk.appearance import Scheme, in_scheme
from emag.editors.role import Permission
from emag.errors import EmagError
from emag.settings import Settings, themes
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.settings_fields import FieldGroup, SettingField
from emag.web.desk.settings_form import FRAME_HEADERS, SettingsForm, save, sent_form, show, written
from emag.web.desk.shell import Shell

PATH = "/desk/settings/look"
# Fonts that mail programs have; one that a file names besides stays a choice.
FONTS = (
    "'Helvetica Neue', Helvetica, Arial, sans-serif",
    "Georgia, 'Times New Roman', serif",
    "Verdana, Geneva, sans-serif",
    "'Trebuchet MS', Helvetica, sans-serif",
    "'Times New Roman', Times, serif",
    "'Courier New', Courier, monospace",
)
LIGHT = ("accent", "ink", "paper", "canvas")
DARK = ("dark_accent", "dark_ink", "dark_paper", "dark_canvas")


def _form(settings: Settings) -> SettingsForm:
    names = tuple(themes.names(settings.folder / "templates"))
    light = tuple(SettingField(f"theme.{name}", "colour") for name in LIGHT)
    dark = tuple(SettingField(f"theme.{name}", "colour") for name in DARK)
    fonts = (
        SettingField("theme.font", "choice", FONTS),
        SettingField("theme.heading_font", "choice", FONTS),
        SettingField("theme.logo"),
        SettingField("theme.logo_dark"),
        SettingField("theme.logo_width", "number"),
    )
    return SettingsForm(
        PATH,
        "settings_look.html",
        (
            FieldGroup("theme", (SettingField("theme.name", "choice", names),)),
            FieldGroup("light", light),
            FieldGroup("dark", dark),
            FieldGroup("type", fonts),
        ),
    )


def router(shell: Shell) -> APIRouter:
    """The page “Look”, the frame in it, and the part of it that follows the form."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts
    form = _form(shell.newsroom.settings)

    @pages.get(PATH)
    def look(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        sent = dict(request.query_params)
        return show(shell, request, user, form, sent=sent, trial=_trial(shell, form, sent))

    @pages.get(f"{PATH}/trial")
    def trial(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        sent = dict(request.query_params)
        return shell.page(request, user, "settings_trial.html", trial=_trial(shell, form, sent))

    @pages.get(f"{PATH}/frame")
    def frame(
        request: Request, _user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        return _frame(shell, form, dict(request.query_params))

    @pages.post(PATH)
    def save_look(
        request: Request,
        user: Annotated[DeskUser, Depends(acts(Permission.SETTINGS))],
        sent: Annotated[dict[str, str], Depends(sent_form)],
    ) -> Response:
        return save(shell, request, user, form, sent, trial=_trial(shell, form, sent))

    return pages


@dataclass(frozen=True, slots=True)
class LookTrial:
    """What the page shows beside the form: `address` is the frame's.

    `warnings` names colours that emag must change, so that all text can be read.
    """

    address: str
    scheme: Scheme
    warnings: tuple[str, ...]
    is_saved: bool


def _trial(shell: Shell, form: SettingsForm, sent: Mapping[str, str]) -> LookTrial:
    values = {field.key: sent[field.key] for field in form.fields() if field.key in sent}
    scheme = _scheme(sent)
    return LookTrial(
        f"{PATH}/frame?{urlencode({**values, 'scheme': scheme})}",
        scheme,
        look_trial.try_on(written(shell), _theme_values(form, sent)).warnings,
        not values,
    )


def _frame(shell: Shell, form: SettingsForm, sent: Mapping[str, str]) -> Response:
    newsroom, settings = shell.newsroom, written(shell)
    look = look_trial.try_on(settings, _theme_values(form, sent))
    try:
        document = look_trial.printed(newsroom.database, settings, look, now=newsroom.now())
        html = in_scheme(document.html, _scheme(sent))
    except EmagError as error:
        return Response(str(error), media_type="text/plain")
    return HTMLResponse(html, headers=FRAME_HEADERS)


def _theme_values(form: SettingsForm, sent: Mapping[str, str]) -> dict[str, object]:
    return {
        field.key.removeprefix("theme."): field.entered(sent[field.key])
        for field in form.fields()
        if field.key in sent
    }


def _scheme(sent: Mapping[str, str]) -> Scheme:
    return "dark" if sent.get("scheme") == "dark" else "light"
