"""Refuses requests that were addressed to another host."""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from emag.settings import is_loopback


class LoopbackOnly:
    """ASGI middleware for pages of this machine: answers 421 to any other name in `Host`.

    Without it a foreign page whose name resolves to 127.0.0.1 could read them (DNS rebinding).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_local(Headers(scope=scope)):
            refusal = PlainTextResponse(
                "This page answers to localhost only.", HTTPStatus.MISDIRECTED_REQUEST
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_local(headers: Headers) -> bool:
    hosts = headers.getlist("host")
    try:
        return len(hosts) == 1 and is_loopback(urlsplit(f"//{hosts[0]}").hostname)
    except ValueError:
        return False
