"""The sign-up page and its form."""

import asyncio
from collections.abc import Callable
from functools import cache

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.requests import Request

from subscribers import domains, work
from subscribers.address import is_plausible, parse
from subscribers.errors import BadAddress, BadForm, TooLarge
from subscribers.membership import SignupRequest
from subscribers.web import answers, suspicion
from subscribers.web.batches import SignUpBatches
from subscribers.web.fields import Fields
from subscribers.web.requests import Visitor, read_body, read_form, visitor
from subscribers.web.site import Site


def routes(site: Site, batches: SignUpBatches) -> APIRouter:
    router = APIRouter(tags=["sign-up"])
    form = Form(site, batches)

    @router.api_route("/signup", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def show(request: Request) -> Response:
        """The sign-up page."""
        return _page(site, _offered(request.query_params.getlist("topics"), site))

    @router.get("/signup/challenge")
    def challenge() -> Response:
        """A proof of work to solve before signing up; ALTCHA's widget can use it too."""
        if not site.work:
            return JSONResponse({"error": "No proof of work is wanted here."}, 404)
        puzzle = work.challenge(site.keys, most=site.work, now=site.now())
        headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        return JSONResponse(puzzle, headers=headers)

    @router.post("/signup", response_class=HTMLResponse)
    async def sign_up(request: Request) -> Response:
        """Asks to read: `email`, `name`, `topics`, as urlencoded or multipart form."""
        return await form.answer(request)

    return router


class Form:
    """Answers the form: `email`, `name`, `topics`."""

    def __init__(self, site: Site, batches: SignUpBatches) -> None:
        self._site, self._batches = site, batches
        # This page is the same for everybody, so it is rendered once.
        self._thanks: Callable[[], Response] = cache(lambda: _thanks(site))

    async def answer(self, request: Request) -> Response:
        began = asyncio.get_running_loop().time()
        try:
            fields = await read_form(request, await read_body(request))
            response, batch_size = await self._sign_up(fields, visitor(request))
        except TooLarge:
            return answers.too_much(self._site)
        except BadForm:
            return answers.unreadable(self._site)
        await self._batches.pad(began, self._site.pace, batch_size)
        return response

    async def _sign_up(self, fields: Fields, visitor: Visitor) -> tuple[Response, int]:
        """The page, and how many sign-ups the same commit wrote."""
        ask = self._read(fields, visitor)
        if isinstance(ask, Response):
            return ask, 0
        await self._batches.join(ask)
        return self._thanks(), self._batches.last_size

    def _read(self, fields: Fields, visitor: Visitor) -> SignupRequest | Response:
        """The sign-up, or the page that asks again. A program gets the usual thanks."""
        site = self._site
        email, name = _typed(fields), fields.text("name")
        topics = _offered(fields.texts("topics"), site)
        suspected = suspicion.judge(site, fields)
        if suspected.kind == "robot":
            return self._thanks()
        if suspected.kind != "person":
            return _page(site, topics, email=email, name=name, error=suspected.kind)
        try:
            address = parse(email)
        except BadAddress as error:
            if is_plausible(email):
                return self._thanks()
            kind = error.kind if email else "empty"
            return _page(site, topics, status=422, email=email, name=name, error=kind)
        meant = domains.suggestion(address.text)
        if meant and email != fields.text("sure"):
            return _page(site, topics, email=email, name=name, meant=meant)
        how = "form" if fields.text(suspicion.STAMP) else "form elsewhere"
        source, agent = f"{site.base_url}/signup", visitor.user_agent
        evidence = site.evidence(how, source=source, ip=visitor.ip, user_agent=agent).with_details(
            disposable=domains.is_among(address.domain, site.disposable)
        )
        return SignupRequest(
            address, evidence, site.limits, name, tuple(topics), suspected.once, visitor.network
        )


def _typed(fields: Fields) -> str:
    """The address, or the correction that was offered for it, if the visitor chose that.

    The Enter key presses the first button of a form. It must not bring back a slip that the visitor
    has corrected by hand since.
    """
    email = fields.text("email").strip(" \t")
    instead = fields.text("instead")
    return instead if instead and domains.suggestion(email).lower() == instead.lower() else email


def _page(
    site: Site,
    topics: list[str],
    *,
    status: int = 200,
    email: str = "",
    name: str = "",
    error: str = "",
    meant: str = "",
) -> Response:
    return answers.public_page(
        site,
        "signup",
        status=status,
        stamp=suspicion.stamp(site),
        topics=[(topic, topic in topics) for topic in site.topics],
        wording=site.wording,
        privacy_url=site.privacy_url,
        email=email,
        name=name,
        error=error,
        meant=meant,
        challenge_url="/signup/challenge" if site.work else "",
    )


def _thanks(site: Site) -> Response:
    return answers.public_page(site, "thanks", days=max(1, site.confirm_within.days))


def _offered(topics: list[str], site: Site) -> list[str]:
    """Those of the topics that the site offers, in its order."""
    return [topic for topic in site.topics if topic in topics]
