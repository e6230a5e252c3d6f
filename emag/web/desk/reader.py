"""One reader's page: what they get and why, and what an editor may do for them."""

import json
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from emag.desk.reader_document import receipt_document
from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import HEADERS, Shell
from subscribers.desk import ConsentEvent, ReaderRecord

PATH = "/desk/readers/{number:int}"
_ACTIVATING = ("confirmed", "imported", "returned")

Text = Annotated[str, Form()]


def router(shell: Shell) -> APIRouter:
    """The page, the receipt, and a page for each change. No address is in any URL."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.READERS))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.READERS))]  # noqa: N806
    readers = shell.newsroom.readers

    @pages.get(PATH)
    def page(request: Request, user: Reader, number: int) -> Response:
        reader = readers.by_number(number)
        events = readers.receipt(reader.address, with_check=False).events
        return shell.page(
            request,
            user,
            "reader.html",
            reader=reader,
            gets=_gets(reader, shell.newsroom.now()),
            because=_because(reader, events),
            events=events,
        )

    @pages.get(f"{PATH}/receipt")
    def receipt(request: Request, user: Reader, number: int, whole: str = "") -> Response:
        reader = readers.by_number(number)
        receipt = readers.receipt(reader.address, with_check=bool(whole))
        return shell.page(request, user, "reader_receipt.html", reader=reader, receipt=receipt)

    @pages.get(f"{PATH}/receipt.json")
    def receipt_file(user: Reader, number: int) -> Response:  # noqa: ARG001 - the guard
        receipt = readers.receipt(readers.by_number(number).address, with_check=False)
        name = f'attachment; filename="receipt-{number}.json"'
        headers = HEADERS | {"Content-Disposition": name}
        text = json.dumps(receipt_document(receipt), ensure_ascii=False, indent=2, default=str)
        return Response(text, media_type="application/json", headers=headers)

    @pages.get(f"{PATH}/unsubscribe")
    def unsubscribe_page(request: Request, user: Reader, number: int) -> Response:
        reader = readers.by_number(number)
        return shell.page(request, user, "reader_unsubscribe.html", reader=reader)

    @pages.post(f"{PATH}/unsubscribe")
    def unsubscribe(user: Actor, number: int, reason: Text = "") -> Response:
        reader = readers.by_number(number)
        readers.unsubscribe(reader.address, by=user.name, reason=reason)
        return shell.back(f"/desk/readers/{number}", "reader_unsubscribe.done")

    pages.routes.extend(_erasing(shell).routes)
    return pages


def _erasing(shell: Shell) -> APIRouter:
    """Erasing a reader, which needs the permission for readers' data."""
    pages = routes(shell)
    Keeper = Annotated[DeskUser, Depends(shell.access.reads(Permission.DATA))]  # noqa: N806
    Eraser = Annotated[DeskUser, Depends(shell.access.acts(Permission.DATA))]  # noqa: N806
    readers = shell.newsroom.readers

    @pages.get(f"{PATH}/erase")
    def erase_page(request: Request, user: Keeper, number: int) -> Response:
        return _erase_page(shell, request, user, readers.by_number(number))

    @pages.post(f"{PATH}/erase")
    def erase(request: Request, user: Eraser, number: int, address: Text = "") -> Response:
        reader = readers.by_number(number)
        if address.strip().casefold() != reader.address.casefold():
            sentence = shell.words("reader_erase.other_address")
            return _erase_page(shell, request, user, reader, {"address": sentence})
        readers.erase(reader.address, by=user.name)
        return shell.back("/desk/readers", "reader_erase.done", number=number)

    return pages


def _erase_page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    reader: ReaderRecord,
    problems: dict[str, str] | None = None,
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    return shell.page(
        request,
        user,
        "reader_erase.html",
        status=status,
        problems=problems,
        reader=reader,
        proof=user.answer(Permission.DATA).value,
    )


def _gets(reader: ReaderRecord, now: datetime) -> str:
    """The key of the sentence that says what somebody gets."""
    if reader.status != "active":
        return reader.status
    if reader.paused_until and reader.paused_until > now:
        return "paused"
    return "topics" if reader.topics else "active"


def _because(reader: ReaderRecord, events: Sequence[ConsentEvent]) -> ConsentEvent | None:
    """The event on which it rests that somebody gets the issues."""
    if reader.status != "active":
        return None
    return next((event for event in reversed(events) if event.act in _ACTIVATING), None)
