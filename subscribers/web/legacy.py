"""Unsubscribe links of the tool that was left behind, sent on to `/u/` and its token."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from subscribers import membership, roll
from subscribers.errors import TooLarge
from subscribers.web import answers
from subscribers.web.door import Door
from subscribers.web.links import SHOW, ask_to_leave, take_off


def routes(door: Door) -> APIRouter:
    router = APIRouter(tags=["links"], default_response_class=HTMLResponse)

    @router.api_route("/u/{token:path}", methods=SHOW)
    def show(token: str) -> Response:
        """The page with the button, as behind our own links."""
        ref = _ref(door, token)
        if ref is None:
            return _unknown(door)
        with door.reading() as conn:
            member = roll.by_ref(conn, ref)
        return ask_to_leave(door, member)

    @router.post("/u/{token:path}")
    async def leave(token: str, request: Request) -> Response:
        """One-click, where the old headers promised it, and the page's button."""
        try:
            raw = await answers.body(request)
        except TooLarge:
            raw = b""
        how = "one-click" if b"One-Click" in raw else "page"
        return await run_in_threadpool(_leave, door, token, how)

    return router


def _leave(door: Door, token: str, how: str) -> Response:
    ref = _ref(door, token)
    return _unknown(door) if ref is None else take_off(door, ref, how)


def _ref(door: Door, token: str) -> str | None:
    with door.reading() as conn:
        return membership.find_legacy_reader(conn, token)


def _unknown(door: Door) -> Response:
    return answers.message(door, "old_link", status=404)
