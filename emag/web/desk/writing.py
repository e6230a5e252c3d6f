"""Saves the texts of an issue, each field by itself: its lines, its note, and own words.

A script sends one field and gets JSON. A form without script sends all fields of its page; each
brings along the text that it was based on, so that nobody overwrites what somebody else wrote.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import JSONResponse

from emag.desk import edit, history, words
from emag.editors.role import Permission
from emag.errors import NotFound, TextConflict, WrongMove
from emag.issues.lines import Line
from emag.issues.words import Field
from emag.web.desk import issue_page
from emag.web.desk.access import DeskUser
from emag.web.desk.fields import SentField
from emag.web.desk.issue_page import Number
from emag.web.desk.routing import routes
from emag.web.desk.shell import HEADERS, Shell
from emag.web.desk.text_writer import TextWriter

SCRIPT = "x-emag-script"
_LONGEST_MARK = 20  # characters


def router(shell: Shell) -> APIRouter:
    """One form for each page, one address for each field, and the ways back."""
    pages = routes(shell)
    editor = Depends(shell.access.reads(Permission.ARRANGE))
    arranger = Depends(shell.access.acts(Permission.ARRANGE))

    @pages.get("/desk/issues/{number}/stories/{story}/words")
    def own_words(
        request: Request, number: Number, story: Number, user: Annotated[DeskUser, editor]
    ) -> Response:
        issue = TextWriter(shell, user, number).issue
        return issue_page.show_words(shell, request, user, issue, story=story)

    @pages.post("/desk/issues/{number}/texts")
    def save(
        request: Request,
        number: Number,
        user: Annotated[DeskUser, arranger],
        *,
        field: Annotated[list[str], Form()],
        text: Annotated[list[str], Form()],
        seen_text: Annotated[list[str], Form()],
        is_own: Annotated[list[str], Form()],
        typing: Annotated[str, Form(max_length=_LONGEST_MARK)] = "",
    ) -> Response:
        """Fields are “subject”, “preheader”, “note” and “12 title”, with four values each."""
        if not len(field) == len(text) == len(seen_text) == len(is_own):
            raise NotFound("The form is not whole: load the page again.")
        rows = zip(field, text, seen_text, is_own, strict=True)
        sent = [SentField.read(*row) for row in rows]
        writer = TextWriter(shell, user, number)
        if SCRIPT in request.headers:
            return _answer(writer, sent[0], typing)
        return _answer_form(writer, request, sent)

    @pages.post("/desk/issues/{number}/automatic")
    def automatic(
        request: Request,
        number: Number,
        user: Annotated[DeskUser, arranger],
        line: Annotated[Line, Form()],
    ) -> Response:
        room = shell.newsroom
        edit.reset(room.database, room.settings, number, [line], now=user.now, by=user.name)
        return _back(shell, request, number, "arrange.automatic_now", line.value)

    @pages.post("/desk/issues/{number}/stories/{story}/source")
    def source(
        request: Request, number: Number, story: Number, user: Annotated[DeskUser, arranger]
    ) -> Response:
        """Goes back to the source's words in every field."""
        room = shell.newsroom
        words.reset(room.database, room.settings, number, story, now=user.now, by=user.name)
        return _back(shell, request, number, "arrange.source_now", f"story-{story}")

    return pages


def _answer(writer: TextWriter, sent: SentField, typing: str) -> Response:
    """The answer to a script that sent one field."""
    try:
        saved = writer.write(sent, typing=typing)
    except TextConflict as error:
        return JSONResponse(writer.both(sent, error).as_json(), HTTPStatus.CONFLICT, HEADERS)
    except WrongMove as error:
        problem = writer.shell.phrases(str(error))
        return JSONResponse({"problem": problem}, HTTPStatus.UNPROCESSABLE_ENTITY, HEADERS)
    saved_at = f"{writer.user.now.astimezone(writer.shell.zone):%H:%M}"
    body = {"saved_at": saved_at, "text": saved.text, "is_own": saved.is_own}
    body["revision"] = history.revision(writer.shell.newsroom.database, writer.number)
    return JSONResponse(body, headers=HEADERS)


def _answer_form(writer: TextWriter, request: Request, sent: Sequence[SentField]) -> Response:
    """The answer to a form: what could be saved is saved, whatever became of the others."""
    conflicts, problems = [], {}
    shell, number = writer.shell, writer.number
    before = history.revision(shell.newsroom.database, number)
    for field in sent:
        try:
            writer.write(field)
        except TextConflict as error:
            conflicts.append(writer.both(field, error))
        except WrongMove as error:
            problems[field.id] = str(error)
    if conflicts:
        return shell.page(
            request,
            writer.user,
            "arrange_conflict.html",
            status=HTTPStatus.CONFLICT,
            issue=writer.issue,
            conflicts=conflicts,
        )
    if problems:
        return _with_problems(writer, request, sent, problems)
    act = history.revision(shell.newsroom.database, number)
    to = _after_form(request, number, sent)
    if act == before:
        return shell.back(to, "arrange.unchanged")
    return shell.back(to, "arrange.saved", issue=number, act=act)


def _after_form(request: Request, number: int, sent: Sequence[SentField]) -> str:
    """The page of the issue; with the own words open where only the focus of a picture was set."""
    is_focus = [field.name for field in sent] == [Field.FOCUS]
    if not is_focus:
        return f"/desk/issues/{number}"
    return issue_page.address(request, number, f"story-{sent[0].story}")


def _with_problems(
    writer: TextWriter, request: Request, sent: Sequence[SentField], problems: dict[str, str]
) -> Response:
    """The page “Own words” again, with what was typed."""
    story = next((field.story for field in sent if field.story), 0)
    if not story:  # the issue can no longer be changed
        raise WrongMove(next(iter(problems.values())))
    return issue_page.show_words(
        writer.shell,
        request,
        writer.user,
        writer.issue,
        story=story,
        problems=problems,
        typed={field.id: field.text for field in sent},
    )


def _back(shell: Shell, request: Request, number: int, key: str, anchor: str) -> Response:
    act = history.revision(shell.newsroom.database, number)
    return shell.back(issue_page.address(request, number, anchor), key, issue=number, act=act)
