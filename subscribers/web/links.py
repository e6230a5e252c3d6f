"""The pages behind the links of a mail: confirm, unsubscribe, “this wasn't me”."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from subscribers import membership, roll, self_service
from subscribers.errors import BadToken, ExpiredToken, TooLarge
from subscribers.membership import Confirmed
from subscribers.roll import Member
from subscribers.self_service import Purpose
from subscribers.standing import Standing
from subscribers.web import answers, undo
from subscribers.web.requests import Visitor, read_body, visitor
from subscribers.web.site import Site

SHOW = ["GET", "HEAD"]


def routes(site: Site) -> APIRouter:
    router = APIRouter(tags=["links"], default_response_class=HTMLResponse)

    @router.api_route("/confirm/{token}", methods=SHOW)
    def show_confirm(token: str) -> Response:
        """A page with a button."""
        return answers.for_link(site, lambda: _show_confirm(site, token))

    @router.post("/confirm/{token}")
    def confirm(token: str, request: Request) -> Response:
        """Confirms a sign-up, or a new address."""
        return answers.for_link(site, lambda: _confirm(site, token, visitor(request)))

    @router.api_route("/unsubscribe/{token}", methods=SHOW)
    def show_unsubscribe(token: str) -> Response:
        """A page with a button."""
        return answers.for_link(site, lambda: _show_unsubscribe(site, token))

    @router.post("/unsubscribe/{token}")
    async def unsubscribe(token: str, request: Request) -> Response:
        """RFC 8058 one-click, and the page's button. Needs no cookie, no field, no second step."""
        how = await how_unsubscribed(request)
        return await run_in_threadpool(
            lambda: answers.for_link(site, lambda: _unsubscribe(site, token, how))
        )

    @router.api_route("/not-me/{token}", methods=SHOW)
    def show_not_me(token: str) -> Response:
        """A page with a button."""
        return answers.for_link(site, lambda: _show_not_me(site, token))

    @router.post("/not-me/{token}")
    def not_me(token: str) -> Response:
        """Takes back a sign-up that the mailbox's owner did not make."""
        return answers.for_link(site, lambda: _not_me(site, token))

    return router


async def how_unsubscribed(request: Request) -> str:
    """`one-click` for a mail program's request, `page` for the button on the page."""
    try:
        raw = await read_body(request)
    except TooLarge:
        raw = b""  # the body does not matter: the link is enough to unsubscribe
    return "one-click" if b"One-Click" in raw else "page"


def _purpose(site: Site, token: str) -> Purpose:
    """Whether a confirmation link is for a sign-up or for a new address. Raises BadToken."""
    try:
        site.keys.read("change", token, now=site.now())
    except ExpiredToken:
        raise
    except BadToken:
        site.keys.read("confirm", token, now=site.now())
        return "confirm"
    return "change"


def _show_confirm(site: Site, token: str) -> Response:
    purpose = _purpose(site, token)
    check = (
        membership.check_confirmation if purpose == "confirm" else membership.check_address_change
    )
    with site.storage.reading() as conn:
        result = check(conn, site.keys, token, now=site.now())
    if result.outcome == "confirmed":
        return answers.page(
            site, "confirm", purpose=purpose, wording=site.wording, privacy_url=site.privacy_url
        )
    return _confirmed(site, purpose, result)


def _confirm(site: Site, token: str, visitor: Visitor) -> Response:
    purpose = _purpose(site, token)
    source = f"{site.base_url}/confirm"
    evidence = site.evidence("link", source=source, ip=visitor.ip, user_agent=visitor.user_agent)
    result = self_service.confirm(
        site.storage, site.keys, token, purpose=purpose, evidence=evidence, now=site.now
    )
    if result.outcome == "confirmed":
        site.nudge()
    return _confirmed(site, purpose, result)


def _confirmed(site: Site, purpose: Purpose, result: Confirmed) -> Response:
    if result.outcome == "void":
        return answers.too_old(site)
    preferences = site.signed_link("preferences", result.ref)
    return answers.page(site, "confirmed", purpose=purpose, preferences_url=preferences)


def _show_unsubscribe(site: Site, token: str) -> Response:
    ref = site.keys.read("unsubscribe", token, now=site.now())
    with site.storage.reading() as conn:
        member = roll.by_ref(conn, membership.current_ref(conn, ref))
        if member is None and membership.is_removed_and_mailable(conn, ref):
            return _button(site, ref)
        if member is None and not membership.is_known(conn, ref):
            return answers.unknown_link(site, ref)
    return ask_to_unsubscribe(site, member)


def ask_to_unsubscribe(site: Site, member: Member | None) -> Response:
    """The page with the button, or the news that there is nothing left to do."""
    if member is None or member.status == Standing.UNSUBSCRIBED:
        return answers.page(site, "unsubscribed")
    return _button(site, member.ref)


def _button(site: Site, ref: str) -> Response:
    return answers.page(site, "unsubscribe", preferences_url=site.signed_link("preferences", ref))


def _unsubscribe(site: Site, token: str, how: str) -> Response:
    ref = site.keys.read("unsubscribe", token, now=site.now())
    return take_off(site, ref, how)


def take_off(site: Site, ref: str, how: str) -> Response:
    """Unsubscribes, and offers to undo it. A mail program's one-click gets no undo link."""
    result = self_service.unsubscribe(site.storage, site.keys, ref, how=how, now=site.now)
    if not result.is_known:
        return answers.unknown_link(site, ref)
    url = undo.link(site, result.ref) if how == "page" and result.was_active else ""
    return answers.page(site, "unsubscribed", undo_url=url, minutes=undo.MINUTES)


def _show_not_me(site: Site, token: str) -> Response:
    site.keys.read("not_me", token, now=site.now())
    return answers.page(site, "not_me")


def _not_me(site: Site, token: str) -> Response:
    self_service.disown(site.storage, site.keys, token, now=site.now)
    return answers.message(site, "signup_rejected")
