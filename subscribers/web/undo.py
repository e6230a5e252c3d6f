"""Takes an unsubscribe back, for some minutes after it."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from subscribers import self_service
from subscribers.web import answers
from subscribers.web.site import Site

MINUTES = 10  # as long as the page may still be open


def link(site: Site, ref: str) -> str:
    """A link that takes back the unsubscribe of this second, and no other."""
    now = site.now()
    content, expires = f"{ref} {int(now.timestamp())}", now + timedelta(minutes=MINUTES)
    return site.link("undo", site.keys.sign("undo", content, expires=expires))


def routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["links"], default_response_class=HTMLResponse)

    @router.api_route("/undo/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> Response:
        """A page with a button."""

        def show_button() -> Response:
            _read(site, token)
            return answers.page(site, "undo")

        return answers.for_link(site, show_button)

    @router.post("/undo/{token}")
    def undo(token: str) -> Response:
        """Takes an unsubscribe back."""
        return answers.for_link(site, lambda: _undo(site, token))

    return router


def _read(site: Site, token: str) -> tuple[str, int]:
    ref, _, left_at = site.keys.read("undo", token, now=site.now()).partition(" ")
    return ref, int(left_at)


def _undo(site: Site, token: str) -> Response:
    ref, left_at = _read(site, token)
    is_active = self_service.resubscribe(
        site.storage, site.keys, ref, left_at=left_at, now=site.now
    )
    if not is_active:
        return answers.too_old(site)
    return answers.page(site, "returned", preferences_url=site.signed_link("preferences", ref))
