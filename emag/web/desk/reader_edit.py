"""The page that changes a reader's name or topics at their request."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel, Field

from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell
from subscribers.desk import ReaderRecord

PATH = "/desk/readers/{number:int}/edit"


class ReaderChangeForm(BaseModel):
    """What an editor fills in. No topic means all."""

    name: str = ""
    topic: list[str] = Field(default_factory=list)
    reason: str = ""


def router(shell: Shell) -> APIRouter:
    """The form, and what it does."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READERS))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.READERS))]  # noqa: N806
    readers = shell.newsroom.readers

    @pages.get(PATH)
    def page(request: Request, user: Reader, number: int) -> Response:
        reader = readers.by_number(number)
        entered = ReaderChangeForm(name=reader.name, topic=list(reader.topics))
        return _page(shell, request, user, reader, entered)

    @pages.post(PATH)
    def edit(
        request: Request, user: Actor, number: int, entered: Annotated[ReaderChangeForm, Form()]
    ) -> Response:
        reader = readers.by_number(number)
        if not entered.reason.strip():
            return _page(shell, request, user, reader, entered, is_wrong=True)
        # Without topics on offer the form has none, and those of the reader stay.
        topics = entered.topic if readers.topics else None
        reason = entered.reason
        readers.edit(reader.address, by=user.name, name=entered.name, topics=topics, reason=reason)
        return shell.back(f"/desk/readers/{number}", "reader_edit.changed")

    return pages


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    reader: ReaderRecord,
    entered: ReaderChangeForm,
    *,
    is_wrong: bool = False,
) -> Response:
    return shell.page(
        request,
        user,
        "reader_edit.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK,
        problems={"reason": shell.words("reader_edit.no_reason")} if is_wrong else None,
        reader=reader,
        topics=shell.newsroom.readers.topics,
        entered=entered,
    )
