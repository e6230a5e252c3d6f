"""Unsubscribe links of the tool that was used before; they are sent on to `/u/` and their token."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from subscribers import membership, roll
from subscribers.web import answers
from subscribers.web.links import SHOW, ask_to_unsubscribe, how_unsubscribed, take_off
from subscribers.web.site import Site


def routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["links"], default_response_class=HTMLResponse)

    @router.api_route("/u/{token:path}", methods=SHOW)
    def show(token: str) -> Response:
        """A page with a button, as for our own links."""
        ref = _ref(site, token)
        if ref is None:
            return _unknown(site)
        with site.storage.reading() as conn:
            member = roll.by_ref(conn, ref)
        return ask_to_unsubscribe(site, member)

    @router.post("/u/{token:path}")
    async def unsubscribe(token: str, request: Request) -> Response:
        """One-click, where the old headers promised it, and the page's button."""
        how = await how_unsubscribed(request)
        return await run_in_threadpool(_unsubscribe, site, token, how)

    return router


def _unsubscribe(site: Site, token: str, how: str) -> Response:
    ref = _ref(site, token)
    return _unknown(site) if ref is None else take_off(site, ref, how)


def _ref(site: Site, token: str) -> str | None:
    with site.storage.reading() as conn:
        return membership.find_legacy_reader(conn, token)


def _unknown(site: Site) -> Response:
    return answers.message(site, "old_link", status=404)
