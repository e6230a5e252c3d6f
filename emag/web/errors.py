"""What went wrong, as a page for a person and as JSON for a program."""

import logging
import traceback
from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emag.errors import NotFound
from emag.web.pages import Pages

_log = logging.getLogger(__name__)

_FOR_PROGRAMS = ("/hooks/", "/healthz", "/metrics", "/openapi.json")


def install(web: FastAPI, pages: Pages) -> None:
    """Every error answers in the publication's look, and says nothing about the inside."""

    def answer(request: Request, status: int, sentence: str = "") -> Response:
        code = HTTPStatus(status)
        key = f"error.{code.value}"
        sentence = sentence or pages.words(key if key in pages.words else "error.otherwise")
        if request.url.path.startswith(_FOR_PROGRAMS):
            return JSONResponse({"error": sentence}, status)
        return HTMLResponse(pages("web/error.html", status=status, sentence=sentence), status)

    @web.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        said = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
        response = answer(request, error.status_code, said)
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

    web.add_middleware(_Unbroken, answer=answer)


class _Unbroken:
    """Answers for what nobody foresaw.

    FastAPI's own handler for Exception would raise it again, and the server would log its text,
    which may hold a reader's address; so only the kind of error and its place are logged.
    """

    def __init__(self, app: ASGIApp, *, answer: Callable[[Request, int], Response]) -> None:
        self._app, self._answer = app, answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:  # noqa: BLE001 - the last net
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind, where = type(error).__name__, f"{place.filename}, line {place.lineno}"
            _log.error("%s at %s", kind, where)
            if not begun:
                request = Request(scope, receive)
                answer = self._answer(request, HTTPStatus.INTERNAL_SERVER_ERROR)
                await answer(scope, receive, send)
