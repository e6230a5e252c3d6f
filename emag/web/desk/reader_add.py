"""The page that adds a reader who asked for it by phone, by letter or in person."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field

from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell
from subscribers.errors import BadAddress

PATH = "/desk/readers/add"


class NewReaderForm(BaseModel):
    """What an editor fills in. `basis` says who agreed, when and how."""

    address: str = ""
    name: str = ""
    basis: str = ""
    topic: list[str] = Field(default_factory=list)


def router(shell: Shell) -> APIRouter:
    """The form, and what it does."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READERS))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.READERS))]  # noqa: N806

    @pages.get(PATH)
    def page(request: Request, user: Reader) -> Response:
        return _page(shell, request, user, NewReaderForm())

    @pages.post(PATH)
    def add(request: Request, user: Actor, entered: Annotated[NewReaderForm, Form()]) -> Response:
        problems = {}
        if not entered.address.strip():
            problems["address"] = shell.words("reader_add.no_address")
        if not entered.basis.strip():
            problems["basis"] = shell.words("reader_add.no_basis")
        if not problems:
            try:
                return _add(shell, user, entered)
            except BadAddress as error:
                problems["address"] = str(error)
        return _page(shell, request, user, entered, problems)

    return pages


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    entered: NewReaderForm,
    problems: dict[str, str] | None = None,
) -> Response:
    return shell.page(
        request,
        user,
        "reader_add.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        problems=problems,
        topics=shell.newsroom.readers.topics,
        entered=entered,
    )


def _add(shell: Shell, user: DeskUser, entered: NewReaderForm) -> Response:
    """Adds the reader, or says why nothing was changed. Raises BadAddress."""
    readers = shell.newsroom.readers
    before = readers.search(entered.address)
    result = readers.add(
        entered.address,
        by=user.name,
        name=entered.name,
        topics=entered.topic,
        basis=entered.basis,
        source="desk",
    )
    number = result.reader.number
    to = f"/desk/readers/{number}" if number else PATH
    if result.note:
        return shell.back(to, "reader_add.refused", is_problem=True)
    was_active = any(reader.status == "active" for reader in before.readers)
    return shell.back(to, "reader_add.already" if was_active else "reader_add.added")
