"""A form that changes emag.toml: its fields with their problems, and what becomes of a save."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response

from emag.desk import settings_change
from emag.desk.settings_text import SettingsText, opened
from emag.errors import EmagError, FileChanged, SettingsError
from emag.settings import Settings, load, overrides, running
from emag.settings_log.store import LoggedValue, SettingsChange
from emag.web.desk.access import DeskUser
from emag.web.desk.settings_fields import FieldGroup, SettingField, changes, location, tidy
from emag.web.desk.shell import Shell

MOST_FIELDS = 500
# A trial shows a mail or a page for readers: it has inline styles and pictures from anywhere, runs
# nothing and leads nowhere.
FRAME_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
        "frame-ancestors 'self'; sandbox"
    ),
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field as the page shows it.

    `variable` decides the value instead of the file. `now` is what the file holds where somebody
    else saved another value meanwhile.
    """

    field: SettingField
    value: str
    variable: str = ""
    now: str | None = None


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """One page with a form. `groups` may depend on the file, as sections do."""

    path: str
    template: str
    groups: tuple[FieldGroup, ...]

    def fields(self) -> tuple[SettingField, ...]:
        return tuple(field for group in self.groups for field in group.fields)


async def sent_form(request: Request) -> dict[str, str]:
    """The text fields of a form, by name."""
    form = await request.form(max_fields=MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def show(
    shell: Shell,
    request: Request,
    user: DeskUser,
    form: SettingsForm,
    *,
    sent: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
    **context: Any,
) -> Response:
    """The page with its form: as the file is, or as somebody has filled it in."""
    settings = shell.newsroom.settings
    text = opened(settings)
    variables = overrides(settings.folder)
    is_conflict = status == HTTPStatus.CONFLICT
    groups = [
        (
            group,
            [
                _shown_field(f, text, variables, sent or {}, is_conflict=is_conflict)
                for f in group.fields
            ],
        )
        for group in form.groups
    ]
    return shell.page(
        request,
        user,
        form.template,
        status=status,
        problems=problems,
        form=form,
        groups=groups,
        based_on=text.fingerprint,
        latest=latest_change(shell, text.file),
        **context,
    )


def save(
    shell: Shell,
    request: Request,
    user: DeskUser,
    form: SettingsForm,
    sent: Mapping[str, str],
    **context: Any,
) -> Response:
    """Writes what was changed, or shows the form again with what is wrong."""
    newsroom = shell.newsroom
    text = opened(newsroom.settings)
    wanted: dict[str, LoggedValue] = changes(form.fields(), text, sent)
    try:
        change = settings_change.change(
            newsroom.database,
            newsroom.settings,
            wanted,
            based_on=sent.get("based_on", ""),
            now=newsroom.now(),
            by=user.name,
        )
    except (SettingsError, EmagError) as error:
        problems, status = refusal(shell, error, form.fields(), text)
        return show(
            shell, request, user, form, sent=sent, problems=problems, status=status, **context
        )
    return shell.back(form.path, "settings.saved" if change else "settings.unchanged")


def refusal(
    shell: Shell, error: Exception, fields: Sequence[SettingField], text: SettingsText
) -> tuple[dict[str, str], int]:
    """What is wrong, by field, and the status of the answer."""
    if isinstance(error, FileChanged):
        return {"settings-form": str(error)}, HTTPStatus.CONFLICT
    if not isinstance(error, SettingsError):
        return {"settings-form": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY
    problems: dict[str, str] = {}
    for fault in error.faults:
        field = next((f for f in fields if fault.startswith(f"{location(f.key, text)}:")), None)
        if field is None:
            problems["settings-form"] = f"{problems.get('settings-form', '')} {fault}".strip()
        else:
            sentence = fault.removeprefix(f"{location(field.key, text)}:").strip()
            label = shell.words.texts[f"settings.field.{field.words_key}"]
            problems[field.key] = f"{label}: {sentence}"
    return problems, HTTPStatus.UNPROCESSABLE_ENTITY


def written(shell: Shell) -> Settings:
    """The settings as they are written now; this process may take them only in a second."""
    settings = shell.newsroom.settings
    try:
        return running.effective(settings, load(settings.folder))
    except SettingsError:
        return settings


def latest_change(shell: Shell, file: str) -> SettingsChange | None:
    """The newest change of a file that stands, for an “Undo” beside the form."""
    rows = settings_change.history(shell.newsroom.database)
    return next((row for row in rows if row.file == file and row.undone_by is None), None)


def _shown_field(
    field: SettingField,
    text: SettingsText,
    variables: Mapping[str, str],
    sent: Mapping[str, str],
    *,
    is_conflict: bool,
) -> ShownField:
    current = field.current(text)
    value = tidy(sent[field.key]) if field.key in sent else current
    now = current if is_conflict and value != current else None
    return ShownField(field, value, variables.get(field.key, ""), now)
