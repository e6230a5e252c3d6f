"""Sign-up page and webhook, confirmation, one-click unsubscribe, preferences.

`router(door)` gives the routes. No GET or HEAD changes anything: what a link does is done by the
POST of the button on its page, because programs that look for viruses open every link.
"""

from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from subscribers.domains import listed
from subscribers.firewall import SignupLimits
from subscribers.web import hook, legacy, links, preferences, signup, undo
from subscribers.web.door import Door
from subscribers.web.together import Together

__all__ = ["Direct", "Door", "SignupLimits", "listed", "router"]


def router(door: Door) -> APIRouter:
    """Every page and hook of the list."""
    routes = APIRouter()
    together = Together(door)
    for part in (signup, hook):
        routes.include_router(part.routes(door, together))
    for other in (links, undo, legacy, preferences):
        routes.include_router(other.routes(door))
    return routes


class Direct:
    """ASGI middleware that answers sign-ups itself: FastAPI's routing costs as much as they do."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app, together = app, Together(door)
        self._takes: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/signup": signup.Form(door, together).take,
            "/hooks/signup": partial(hook.take, door, together),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        take = self._takes.get(scope.get("path", ""))
        if take is None or scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        answer = await take(Request(scope, receive, send))
        await answer(scope, receive, send)
