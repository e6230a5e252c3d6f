"""Sign-up page and webhook, confirmation, one-click unsubscribe, preferences.

`router(door)` gives the routes. No GET or HEAD changes anything: what a link does is done by the
POST of the button on its page, because programs that look for viruses open every link.
"""

from fastapi import APIRouter

from subscribers.web import hook, links, preferences, signup
from subscribers.web.door import Door

__all__ = ["Door", "router"]


def router(door: Door) -> APIRouter:
    """Every page and hook of the list."""
    routes = APIRouter()
    for part in (signup, hook, links, preferences):
        routes.include_router(part.routes(door))
    return routes
