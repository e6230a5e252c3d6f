"""Answers errors: as a page for a person and as JSON for a program."""

import errno
import logging
import traceback
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emag.database_faults import explain
from emag.errors import DatabaseError, NotFound
from emag.logbook import FAULT
from emag.web.pages import Pages
from emag.web.rare_log import RareLog

_log = logging.getLogger(__name__)

_FOR_PROGRAMS = ("/hooks/", "/healthz", "/metrics", "/openapi.json")


def install(web: FastAPI, pages: Pages, *, base_url: str) -> None:
    """Every error answers in the publication's look and reveals nothing about the program."""

    def answer(request: Request, status: int, sentence: str = "") -> Response:
        code = HTTPStatus(status)
        key = f"error.{code.value}"
        sentence = sentence or pages.words(key if key in pages.words else "error.otherwise")
        if request.url.path.startswith(_FOR_PROGRAMS):
            return JSONResponse({"error": sentence}, status)
        return HTMLResponse(pages("web/error.html", status=status, sentence=sentence), status)

    @web.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == HTTPStatus.NOT_FOUND and _has_needless_slash(request):
            return RedirectResponse(_without_slash(request, base_url))
        is_own = error.detail != HTTPStatus(error.status_code).phrase
        response = answer(request, error.status_code, error.detail if is_own else "")
        response.headers.update(error.headers or {})
        return response

    @web.exception_handler(RequestValidationError)
    async def unreadable(request: Request, error: RequestValidationError) -> Response:
        # Neither the value nor the field's path is repeated: it may be an address.
        in_path = any(fault["loc"][0] == "path" for fault in error.errors())
        return answer(request, HTTPStatus.NOT_FOUND if in_path else HTTPStatus.UNPROCESSABLE_ENTITY)

    @web.exception_handler(NotFound)
    async def absent(request: Request, _: NotFound) -> Response:
        return answer(request, HTTPStatus.NOT_FOUND)

    web.router.redirect_slashes = False  # Starlette's own redirect leads to the Host header's name
    web.add_middleware(LastResort, answer=answer)


def _has_needless_slash(request: Request) -> bool:
    path = request.url.path
    return path.endswith("/") and bool(path.strip("/"))


def _without_slash(request: Request, base_url: str) -> str:
    """The same address without the slash, below the public address whatever the Host header."""
    query = request.url.query
    return base_url + quote(request.url.path.rstrip("/")) + (f"?{query}" if query else "")


class LastResort:
    """ASGI middleware: answers 500 or 503 for an error that nothing else handles.

    FastAPI's own handler for Exception would raise it again, and the server would log its text,
    which may hold a reader's address. So only the kind of error and its place are logged; the
    logbook keeps addresses out of the traceback.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, int], Response]) -> None:
        self._app, self._answer = app, answer
        self._rarely = RareLog(_log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def watch(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:  # noqa: BLE001 - the last resort
            self._note(error)
            if not has_begun:
                request = Request(scope, receive)
                answer = self._answer(request, _status(error))
                await answer(scope, receive, send)

    def _note(self, error: Exception) -> None:
        """Logs where it happened; or the sentence that explains it, once a minute."""
        if sentence := explain(error):
            self._rarely.warning("A page could not be answered: %s", sentence)
            return
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename}, line {place.lineno}"
        _log.error("%s at %s", type(error).__name__, where, extra={FAULT: error})


def _status(error: Exception) -> HTTPStatus:
    """503 where the database is in use or away, or the disk full: nothing was changed. Else 500."""
    is_full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    is_away = is_full or isinstance(error, (OperationalError, DatabaseError))
    return HTTPStatus.SERVICE_UNAVAILABLE if is_away else HTTPStatus.INTERNAL_SERVER_ERROR
