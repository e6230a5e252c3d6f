"""Refuses forms that another site sent in the name of somebody who is signed in.

A browser says where a request comes from, so no token is needed in any form: `Sec-Fetch-Site`
where the browser knows it (Fetch Metadata), else `Origin` (RFC 6454, 7.3).
"""

from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
DESK = "/desk"


class SameSiteForms:
    """ASGI middleware: answers 403 to a form of the desk that another site has sent."""

    def __init__(self, app: ASGIApp, *, base_url: str, below: str = DESK) -> None:
        """`below` is the path of the pages whose forms are looked at."""
        self._app, self._below = app, below
        self._origin = _origin(base_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_form = scope["type"] == "http" and scope["method"] not in SAFE
        if is_form and self._is_below(scope["path"]) and not self._is_own(Headers(scope=scope)):
            sentence = "This form came from another site, so nothing was done."
            await PlainTextResponse(sentence, HTTPStatus.FORBIDDEN)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_below(self, path: str) -> bool:
        return path == self._below or path.startswith(self._below + "/")

    def _is_own(self, headers: Headers) -> bool:
        site = headers.getlist("sec-fetch-site")
        if site:
            return site == ["same-origin"]
        return headers.getlist("origin") == [self._origin]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
