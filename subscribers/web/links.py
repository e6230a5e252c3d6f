"""The pages behind the links of a mail: confirm, unsubscribe, this wasn't me."""

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from subscribers import membership, roll
from subscribers.errors import BadToken, ExpiredToken, TooLarge
from subscribers.membership import Confirmed
from subscribers.roll import Member
from subscribers.standing import Standing
from subscribers.web import answers, undo
from subscribers.web.door import Door

SHOW = ["GET", "HEAD"]


def routes(door: Door) -> APIRouter:
    router = APIRouter(tags=["links"], default_response_class=HTMLResponse)

    @router.api_route("/confirm/{token}", methods=SHOW)
    def show_confirm(token: str) -> Response:
        """A page with a button."""
        return answers.guarded(door, lambda: _show_confirm(door, token))

    @router.post("/confirm/{token}")
    def confirm(token: str, request: Request) -> Response:
        """Confirms a sign-up, or a new address."""
        return answers.guarded(door, lambda: _confirm(door, token, answers.visitor(request)))

    @router.api_route("/unsubscribe/{token}", methods=SHOW)
    def show_unsubscribe(token: str) -> Response:
        """A page with a button."""
        return answers.guarded(door, lambda: _show_unsubscribe(door, token))

    @router.post("/unsubscribe/{token}")
    async def unsubscribe(token: str, request: Request) -> Response:
        """RFC 8058 one-click, and the page's button. Needs no cookie, no field, no second step."""
        try:
            raw = await answers.body(request)
        except TooLarge:
            raw = b""  # whatever was sent along: whoever has the link may leave
        how = "one-click" if b"One-Click" in raw else "page"
        return await run_in_threadpool(
            lambda: answers.guarded(door, lambda: _unsubscribe(door, token, how))
        )

    @router.api_route("/not-me/{token}", methods=SHOW)
    def show_not_me(token: str) -> Response:
        """A page with a button."""

        def show() -> Response:
            door.keys.read("not_me", token, now=door.now())
            return answers.page(door, "not_me")

        return answers.guarded(door, show)

    @router.post("/not-me/{token}")
    def not_me(token: str) -> Response:
        """Takes back a sign-up that the mailbox's holder did not make."""
        return answers.guarded(door, lambda: _not_me(door, token))

    return router


def _purpose(door: Door, token: str) -> Literal["confirm", "change"]:
    """A confirmation link is for a sign-up or for a new address. Raises BadToken for neither."""
    try:
        door.keys.read("change", token, now=door.now())
    except ExpiredToken:
        raise
    except BadToken:
        door.keys.read("confirm", token, now=door.now())
        return "confirm"
    return "change"


def _show_confirm(door: Door, token: str) -> Response:
    purpose = _purpose(door, token)
    offer = (
        membership.check_confirmation if purpose == "confirm" else membership.check_address_change
    )
    with door.reading() as conn:
        found = offer(conn, door.keys, token, now=door.now())
    if found.outcome == "confirmed":
        return answers.page(
            door, "confirm", purpose=purpose, wording=door.wording, privacy_url=door.privacy_url
        )
    return _confirmed(door, purpose, found)


def _confirm(door: Door, token: str, visitor: Mapping[str, str]) -> Response:
    purpose = _purpose(door, token)
    act = membership.confirm if purpose == "confirm" else membership.confirm_address_change
    evidence = door.evidence("link", source=f"{door.base_url}/confirm", **visitor)
    with door.transaction() as conn:
        found = act(conn, door.keys, token, evidence=evidence, now=door.now())
    if found.outcome == "confirmed":
        door.nudge()
    return _confirmed(door, purpose, found)


def _confirmed(door: Door, purpose: str, found: Confirmed) -> Response:
    if found.outcome == "void":
        return answers.too_old(door)
    preferences = door.link("preferences", door.keys.sign("preferences", found.ref))
    return answers.page(door, "confirmed", purpose=purpose, preferences_url=preferences)


def _show_unsubscribe(door: Door, token: str) -> Response:
    ref = door.keys.read("unsubscribe", token, now=door.now())
    with door.reading() as conn:
        member = roll.by_ref(conn, membership.current_ref(conn, ref))
        if member is None and membership.is_removed_and_mailable(conn, ref):
            return _button(door, ref)
    return ask_to_leave(door, member)


def ask_to_leave(door: Door, member: Member | None) -> Response:
    if member is None or member.status == Standing.UNSUBSCRIBED:
        return answers.page(door, "unsubscribed")
    return _button(door, member.ref)


def _button(door: Door, ref: str) -> Response:
    preferences = door.link("preferences", door.keys.sign("preferences", ref))
    return answers.page(door, "unsubscribe", preferences_url=preferences)


def _unsubscribe(door: Door, token: str, how: str) -> Response:
    ref = door.keys.read("unsubscribe", token, now=door.now())
    return take_off(door, ref, how)


def take_off(door: Door, ref: str, how: str) -> Response:
    """Off the list. A person on the page may take it back; a program behind one-click may not."""
    with door.transaction() as conn:
        ref = membership.current_ref(conn, ref)
        member = roll.by_ref(conn, ref)
        membership.unsubscribe(conn, door.keys, ref=ref, how=how, now=door.now())
    is_regrettable = how == "page" and member and member.status == Standing.ACTIVE
    url = undo.link(door, ref) if is_regrettable else ""
    return answers.page(door, "unsubscribed", undo_url=url, minutes=undo.MINUTES)


def _not_me(door: Door, token: str) -> Response:
    with door.transaction() as conn:
        membership.reject_signup(conn, door.keys, token, now=door.now())
    return answers.message(door, "told")
