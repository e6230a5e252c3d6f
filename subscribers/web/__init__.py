"""Sign-up page and webhook, confirmation, one-click unsubscribe, preferences.

`router(site)` gives the routes. No GET or HEAD changes anything: the button of a link's page sends
a POST, because programs that scan mail for viruses open every link.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from subscribers.domains import read_domains
from subscribers.firewall import SignupLimits
from subscribers.web import hook, legacy, links, preferences, signup, undo
from subscribers.web.batches import SignUpBatches
from subscribers.web.requests import FORWARDED
from subscribers.web.signed import HookKeys
from subscribers.web.site import Site

__all__ = [
    "FORWARDED",
    "DirectSignUp",
    "HookKeys",
    "SignupLimits",
    "Site",
    "read_domains",
    "router",
]


def router(site: Site) -> APIRouter:
    """Every page and hook of the list."""
    routes = APIRouter()
    batches = SignUpBatches(site)
    for part in (
        *(part.routes(site, batches) for part in (signup, hook)),
        *(part.routes(site) for part in (links, undo, legacy, preferences)),
    ):
        routes.routes.extend(part.routes)
    return routes


class DirectSignUp:
    """ASGI middleware that answers sign-ups itself: FastAPI's routing costs as much as they do."""

    def __init__(self, app: ASGIApp, *, site: Site) -> None:
        self._app, batches = app, SignUpBatches(site)
        self._handlers: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/signup": signup.Form(site, batches).answer,
            "/hooks/signup": partial(hook.answer, site, batches),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        handler = self._handlers.get(scope.get("path", ""))
        if handler is None or scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        answer = await handler(Request(scope, receive, send))
        await answer(scope, receive, send)
