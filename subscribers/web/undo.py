"""An unsubscribe taken back, for some minutes after it."""

from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from subscribers import membership
from subscribers.web import answers
from subscribers.web.door import Door

MINUTES = 10  # as long as the page may still be open


def link(door: Door, ref: str) -> str:
    """Good for the unsubscribe of this second, and for no other."""
    now = door.now()
    said, expires = f"{ref} {int(now.timestamp())}", now + timedelta(minutes=MINUTES)
    return door.link("undo", door.keys.sign("undo", said, expires=expires))


def routes(door: Door) -> APIRouter:
    router = APIRouter(tags=["links"], default_response_class=HTMLResponse)

    @router.api_route("/undo/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> Response:
        """A page with a button."""

        def shown() -> Response:
            _read(door, token)
            return answers.page(door, "undo")

        return answers.guarded(door, shown)

    @router.post("/undo/{token}")
    def undo(token: str) -> Response:
        """Takes an unsubscribe back."""
        return answers.guarded(door, lambda: _undo(door, token))

    return router


def _read(door: Door, token: str) -> tuple[str, int]:
    ref, _, left_at = door.keys.read("undo", token, now=door.now()).partition(" ")
    return ref, int(left_at)


def _undo(door: Door, token: str) -> Response:
    ref, left_at = _read(door, token)
    with door.transaction() as conn:
        is_back = membership.undo_unsubscribe(conn, door.keys, ref, left_at=left_at, now=door.now())
    if not is_back:
        return answers.too_old(door)
    preferences = door.link("preferences", door.keys.sign("preferences", ref))
    return answers.page(door, "returned", preferences_url=preferences)
