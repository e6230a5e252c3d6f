"""The pages that import a file of readers: choose it, see what would happen, import, undo."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from emag.desk import imports
from emag.editors.role import Permission
from emag.web import uploads
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.shell import Shell
from emag.web.uploads import Upload
from subscribers.desk import IMPORT_FORMATS
from subscribers.errors import TooLarge

PATH = "/desk/readers/import"
PAST = "/desk/readers/imports/{number:int}"
MOST_LINES = 200  # refused lines on the page
_MEGABYTE = 1 << 20
_LARGEST_BODY = uploads.LARGEST + 2 * _MEGABYTE  # which `uploads` refuses with a sentence before
_COLUMNS = {"email_column": "email", "name_column": "name", "status_column": "status"}


def router(shell: Shell) -> APIRouter:
    """The file, its check, the import, and its undoing."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.DATA))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.DATA))]  # noqa: N806
    readers = shell.newsroom.readers

    @pages.get(PATH)
    def page(request: Request, user: Reader) -> Response:
        return _page(shell, request, user, {})

    @pages.post(PATH, max_body_size=_LARGEST_BODY)
    async def check(request: Request, user: Actor) -> Response:
        try:
            upload = await uploads.receive(request)
        except TooLarge:
            problems = {"file": shell.words("reader_import.too_large", most=_limit())}
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            show = partial(_page, problems=problems, status=status)
            return await run_in_threadpool(show, shell, request, user, {})
        try:
            return await run_in_threadpool(_check, shell, request, user, upload)
        except BaseException:
            upload.delete()
            raise

    @pages.get(PATH + "/{key}")
    def progress(request: Request, user: Reader, key: str) -> Response:
        task = readers.tasks.get(key)
        return shell.page(
            request, user, "reader_import_task.html", task=task, most_lines=MOST_LINES
        )

    @pages.post(PATH + "/{key}/start")
    def start(user: Actor, key: str) -> Response:
        imports.start(readers, key, by=user.name)
        return shell.back(f"{PATH}/{key}")

    @pages.post(PATH + "/{key}/discard")
    def discard(user: Actor, key: str) -> Response:  # noqa: ARG001 - the guard
        readers.tasks.remove(key)
        return shell.back(PATH, "reader_import.discarded")

    pages.routes.extend(_past(shell).routes)
    return pages


def _past(shell: Shell) -> APIRouter:
    """An import that was made, and its undoing."""
    pages = routes(shell)
    Reader = Annotated[DeskUser, Depends(shell.access.reads(Permission.DATA))]  # noqa: N806
    Actor = Annotated[DeskUser, Depends(shell.access.acts(Permission.DATA))]  # noqa: N806
    readers = shell.newsroom.readers

    @pages.get(PAST)
    def past(request: Request, user: Reader, number: int) -> Response:
        past, task = readers.past_import(number), readers.tasks.undoing(number)
        return shell.page(request, user, "reader_import_past.html", past=past, task=task)

    @pages.get(f"{PAST}/undo")
    def undo_page(request: Request, user: Reader, number: int) -> Response:
        past, proof = readers.past_import(number), user.answer(Permission.DATA).value
        return shell.page(request, user, "reader_import_undo.html", past=past, proof=proof)

    @pages.post(f"{PAST}/undo")
    def undo(user: Actor, number: int) -> Response:
        imports.undo(readers, number, by=user.name)
        return shell.back(f"/desk/readers/imports/{number}")

    return pages


def _page(
    shell: Shell,
    request: Request,
    user: DeskUser,
    entered: Mapping[str, str],
    *,
    problems: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    return shell.page(
        request,
        user,
        "reader_import.html",
        status=status,
        problems=problems,
        entered=entered,
        formats=IMPORT_FORMATS,
        most=_limit(),
        past=shell.newsroom.readers.past_imports(),
        proof=user.answer(Permission.DATA).value,
    )


def _check(shell: Shell, request: Request, user: DeskUser, upload: Upload) -> Response:
    """Begins the check, or shows the form again with what is missing."""
    problems = {}
    if upload.file is None:
        problems["file"] = shell.words("reader_import.no_file")
    if not upload.text("basis"):
        problems["basis"] = shell.words("reader_import.no_basis")
    if problems or upload.file is None:
        upload.delete()
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _page(shell, request, user, upload.fields, problems=problems, status=status)
    key = imports.check(
        shell.newsroom.readers,
        upload.file,
        by=user.name,
        basis=upload.text("basis"),
        format=upload.text("format") or None,
        columns={held: upload.text(name) for name, held in _COLUMNS.items() if upload.text(name)},
    )
    return shell.back(f"{PATH}/{key}")


def _limit() -> int:
    return uploads.LARGEST // _MEGABYTE
