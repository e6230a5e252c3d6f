"""Who else is at an issue: notes that a page is open, and says so to the others."""

import re
from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response
from fastapi.responses import JSONResponse

from emag.desk import records
from emag.editors import presence
from emag.editors.presence import Presence
from emag.editors.role import Permission
from emag.issues.issue import Issue
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import HEADERS, Shell

PAGES = frozenset({"arrange", "review", "preview", "send"})
_OF_STORY = re.compile(r"story-(\d{1,9})-(title|summary|by|picture|alt)")
_LINES = frozenset({"subject", "preheader", "note"})


def router(shell: Shell) -> APIRouter:
    """The form that a page's script sends every 20 seconds, and when it is closed."""
    pages = routes(shell)
    reader = Depends(shell.access.acts(Permission.READ))

    @pages.post("/desk/issues/{number}/presence")
    def here(
        number: int,
        user: Annotated[DeskUser, reader],
        page: Annotated[str, Form()] = "",
        field: Annotated[str, Form()] = "",
        leave: Annotated[str, Form()] = "",
    ) -> Response:
        """`field` is the id of the field that the person writes in. `leave` ends their stay."""
        database = shell.newsroom.database
        issue = records.issue(database, number)
        if leave:
            presence.leave(database, issue.number, user.editor)
            return JSONResponse({"here": []}, headers=HEADERS)
        page = page if page in PAGES else ""
        field = field if field in _LINES or _OF_STORY.fullmatch(field) else ""
        presence.record(database, issue.number, user.editor, page=page, field=field, now=user.now)
        people = presence.others(database, issue.number, user.editor, now=user.now)
        return JSONResponse({"here": sentences(shell, issue, people)}, headers=HEADERS)

    return pages


def sentences(shell: Shell, issue: Issue, people: Iterable[Presence]) -> list[str]:
    """“Ben is here, writing the note”, one sentence for each person."""
    return [_sentence(shell, issue, person) for person in people]


def _sentence(shell: Shell, issue: Issue, person: Presence) -> str:
    if person.field in _LINES:
        field = shell.words(f"company.{person.field}")
        return shell.words("company.writes", name=person.name, field=field)
    if match := _OF_STORY.fullmatch(person.field):
        titles = {pick.candidate: pick.story.title for pick in issue.picks}
        title = titles.get(int(match[1]), "")
        return shell.words("company.writes_words", name=person.name, title=title)
    if person.page == "review":
        return shell.words("company.reviews", name=person.name)
    return shell.words("company.is_here", name=person.name)
