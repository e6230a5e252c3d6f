"""Gives each request a number, which its answer and its lines of the log carry."""

import logging
import re
from secrets import token_hex
from time import monotonic

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from emag.logbook import REQUEST
from subscribers.web import FORWARDED

HEADER = b"x-request-id"
_USABLE = re.compile(rb"[0-9A-Za-z][0-9A-Za-z._-]{7,63}")

log = logging.getLogger("emag.web")


class RequestIds:
    """ASGI middleware. A number that a trusted proxy gives is taken over; no other is believed.

    At the level `debug` each request is logged, by the name of its route: addresses hold tokens.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, began = _number(scope), monotonic()

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (HEADER, number.encode())]
                message = {**message, "headers": headers}
                if log.isEnabledFor(logging.DEBUG):
                    _log(scope, message["status"], monotonic() - began)
            await send(message)

        token = REQUEST.set(number)
        try:
            await self._app(scope, receive, numbered)
        finally:
            REQUEST.reset(token)


def _number(scope: Scope) -> str:
    if scope.get(FORWARDED):
        for name, value in scope["headers"]:
            if name == HEADER and _USABLE.fullmatch(value):
                return str(value.decode())
    return token_hex(8)


def _log(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "(no route)")
    log.debug("%s %s: %s in %.0f ms", scope["method"], route, status, seconds * 1000)
