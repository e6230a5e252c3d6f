"""The page that exports the list, as a file in one of four formats."""

import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from typing import IO, Annotated, TypeGuard, get_args

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import StreamingResponse

from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import HEADERS, Shell
from subscribers.desk import ExportFormat

PATH = "/desk/readers/export"
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
_PIECE = 1 << 16  # bytes

Text = Annotated[str, Form()]


def router(shell: Shell) -> APIRouter:
    """The choice of a format, and the file."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.DATA))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.DATA))]  # noqa: N806

    @pages.get(PATH)
    def page(request: Request, user: Reader) -> Response:
        return _page(shell, request, user)

    @pages.post(PATH)
    def export(request: Request, user: Actor, format: Text = "") -> Response:  # noqa: A002 - the field's name
        if not _is_format(format):
            problems = {"format": shell.words("reader_export.no_format")}
            return _page(shell, request, user, problems)
        return _file(shell, user, format)

    return pages


def _is_format(text: str) -> TypeGuard[ExportFormat]:
    return text in FORMATS


def _page(
    shell: Shell, request: Request, user: DeskUser, problems: dict[str, str] | None = None
) -> Response:
    return shell.page(
        request,
        user,
        "reader_export.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        problems=problems,
        formats=FORMATS,
        proof=user.answer(Permission.DATA).value,
        counts=shell.newsroom.readers.counts(),
    )


def _file(shell: Shell, user: DeskUser, format: ExportFormat) -> Response:  # noqa: A002 - as above
    """The whole file, written before it is sent: no transaction waits for a slow browser."""
    file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115 - _pieces closes it
    try:
        shell.newsroom.readers.export(file, by=user.name, format=format)
    except BaseException:
        file.close()
        raise
    is_json = format == "jsonl"
    name = f"readers-{user.now:%Y-%m-%d}.{'jsonl' if is_json else 'csv'}"
    headers = HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'}
    media_type = "application/x-ndjson" if is_json else "text/csv; charset=utf-8"
    return StreamingResponse(_pieces(file), media_type=media_type, headers=headers)


def _pieces(file: IO[str]) -> Iterator[str]:
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
