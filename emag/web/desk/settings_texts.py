"""The page where an operator writes the publication's own texts for readers' pages and letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse

from emag.desk import settings_change
from emag.desk.settings_text import SettingsText, opened, words_file
from emag.editors.role import Permission
from emag.errors import EmagError, FileChanged, SettingsError
from emag.press import words
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.settings_fields import tidy
from emag.web.desk.settings_form import FRAME_HEADERS, latest_change, sent_form, written
from emag.web.desk.shell import Shell
from emag.web.desk.text_samples import SAMPLES, printed

PATH = "/desk/settings/texts"
NO_TEXTS = frozenset({"language", "date"})  # names and forms, which nobody words anew


@dataclass(frozen=True, slots=True)
class ShownText:
    """One text of a group: what counts, emag's own, and what somebody else saved meanwhile."""

    key: str
    value: str
    shipped: str
    now: str | None = None


def router(shell: Shell) -> APIRouter:
    """The page “Texts”: its groups, and a form for each."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts

    @pages.get(PATH)
    def groups(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        text = _opened(shell)
        shipped = _by_group(shell)
        own_counts = {group: _own_count(text, keys) for group, keys in shipped.items()}
        return shell.page(
            request,
            user,
            "settings_texts.html",
            groups=shipped,
            own=own_counts,
            file=text.file,
            latest=latest_change(shell, text.file),
        )

    @pages.get(PATH + "/{group}/trial")
    def trial(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))], group: str
    ) -> Response:
        sent = dict(request.query_params)
        frames = _frames(shell, group, sent)
        return shell.page(request, user, "settings_text_trial.html", frames=frames)

    @pages.get(PATH + "/{group}/frame/{place}")
    def frame(
        request: Request,
        _user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))],
        group: str,
        place: int,
    ) -> Response:
        return _frame(shell, group, place, dict(request.query_params))

    @pages.get(PATH + "/{group}")
    def texts(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))], group: str
    ) -> Response:
        return _show(shell, request, user, group, sent=dict(request.query_params))

    @pages.post(PATH + "/{group}")
    def save_texts(
        request: Request,
        user: Annotated[DeskUser, Depends(acts(Permission.SETTINGS))],
        sent: Annotated[dict[str, str], Depends(sent_form)],
        group: str,
    ) -> Response:
        return _save(shell, request, user, group, sent)

    return pages


def _opened(shell: Shell) -> SettingsText:
    settings = shell.newsroom.settings
    return opened(settings, words_file(settings))


def _by_group(shell: Shell) -> dict[str, dict[str, str]]:
    """emag's own texts by the first part of their key, in the order of the file."""
    groups: dict[str, dict[str, str]] = {}
    for key, text in words.shipped(shell.newsroom.settings).items():
        group = key.partition(".")[0]
        if group not in NO_TEXTS:
            groups.setdefault(group, {})[key] = text
    return groups


def _own_count(text: SettingsText, keys: Mapping[str, str]) -> int:
    return sum(text.value(key) is not None for key in keys)


def _show(
    shell: Shell,
    request: Request,
    user: DeskUser,
    group: str,
    *,
    sent: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    shipped = _by_group(shell).get(group)
    if shipped is None:
        sentence = shell.words("settings.no_group")
        return shell.problem(request, user, sentence, to=PATH, status=HTTPStatus.NOT_FOUND)
    text = _opened(shell)
    is_conflict = status == HTTPStatus.CONFLICT
    return shell.page(
        request,
        user,
        "settings_text_group.html",
        status=status,
        problems=problems,
        group=group,
        texts=[
            _shown_text(key, text, emags, sent or {}, is_conflict=is_conflict)
            for key, emags in shipped.items()
        ],
        based_on=text.fingerprint,
        frames=_frames(shell, group, sent or {}),
        text_language=words.file_name(shell.newsroom.settings)[6:-5],
    )


def _frames(shell: Shell, group: str, sent: Mapping[str, str]) -> list[str]:
    """The addresses of the pages and letters that show these texts, with what was changed."""
    text, shipped = _opened(shell), _by_group(shell).get(group, {})
    changed = {
        key: tidy(sent[key])
        for key, emags in shipped.items()
        if key in sent and tidy(sent[key]) != _current(key, text, emags)
    }
    query = f"?{urlencode(changed)}" if changed else ""
    places = range(len(SAMPLES.get(group, ())))
    return [f"{PATH}/{group}/frame/{place}{query}" for place in places]


def _frame(shell: Shell, group: str, place: int, texts: Mapping[str, str]) -> Response:
    samples = SAMPLES.get(group, ())
    if not 0 <= place < len(samples):
        return Response(status_code=HTTPStatus.NOT_FOUND)
    tried = {key: tidy(value) for key, value in texts.items() if value.strip()}
    try:
        html = printed(written(shell), samples[place], tried)
    except EmagError as error:
        return Response(str(error), media_type="text/plain")
    return HTMLResponse(html, headers=FRAME_HEADERS)


def _shown_text(
    key: str, text: SettingsText, shipped: str, sent: Mapping[str, str], *, is_conflict: bool
) -> ShownText:
    current = _current(key, text, shipped)
    value = tidy(sent[key]) if key in sent else current
    return ShownText(key, value, shipped, current if is_conflict and value != current else None)


def _current(key: str, text: SettingsText, shipped: str) -> str:
    written = text.value(key)
    return shipped if written is None else str(written)


def _save(
    shell: Shell, request: Request, user: DeskUser, group: str, sent: Mapping[str, str]
) -> Response:
    newsroom, text = shell.newsroom, _opened(shell)
    shipped = _by_group(shell).get(group, {})
    entered = {key: tidy(sent[key]) for key in shipped if key in sent}
    wanted = {
        key: None if value in {"", shipped[key]} else value
        for key, value in entered.items()
        if value != _current(key, text, shipped[key])
    }
    try:
        change = settings_change.change_words(
            newsroom.database,
            newsroom.settings,
            wanted,
            based_on=sent.get("based_on", ""),
            now=newsroom.now(),
            by=user.name,
        )
    except (SettingsError, EmagError) as error:
        status = (
            HTTPStatus.CONFLICT
            if isinstance(error, FileChanged)
            else HTTPStatus.UNPROCESSABLE_ENTITY
        )
        problems = _problems(error, shipped)
        return _show(shell, request, user, group, sent=sent, problems=problems, status=status)
    return shell.back(f"{PATH}/{group}", "settings.saved" if change else "settings.unchanged")


def _problems(error: Exception, keys: Mapping[str, str]) -> dict[str, str]:
    faults = error.faults if isinstance(error, SettingsError) else (str(error),)
    problems: dict[str, str] = {}
    for fault in faults:
        key = next((key for key in keys if fault.startswith(f"{key} ")), "settings-form")
        problems[key] = fault
    return problems
