"""The sign-up page and its form."""

import asyncio
from collections.abc import Callable, Mapping
from functools import cache

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.datastructures import FormData
from starlette.requests import Request

from subscribers import domains, work
from subscribers.address import is_plausible, parse
from subscribers.errors import BadAddress, TooLarge
from subscribers.membership import SignupRequest
from subscribers.web import answers, suspicion
from subscribers.web.door import Door
from subscribers.web.together import Together


def routes(door: Door, together: Together) -> APIRouter:
    router = APIRouter(tags=["sign-up"])
    form = Form(door, together)

    @router.api_route("/signup", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def show(request: Request) -> Response:
        """The sign-up page."""
        return _page(door, _chosen(request.query_params.getlist("topics"), door))

    @router.get("/signup/challenge")
    def challenge() -> Response:
        """A sum to solve before signing up, for ALTCHA's widget too."""
        if not door.work:
            return JSONResponse({"error": "No proof of work is wanted here."}, 404)
        told = work.challenge(door.keys, most=door.work, now=door.now())
        headers = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}
        return JSONResponse(told, headers=headers)

    @router.post("/signup", response_class=HTMLResponse)
    async def sign_up(request: Request) -> Response:
        """Asks to read: `email`, `name`, `topics`, as urlencoded or multipart form."""
        return await form.take(request)

    return router


class Form:
    """Asks to read: `email`, `name`, `topics`, as urlencoded or multipart form."""

    def __init__(self, door: Door, together: Together) -> None:
        self._door, self._together = door, together
        # The page that everybody gets is made once.
        self._thanks: Callable[[], Response] = cache(lambda: _thanks(door))

    async def take(self, request: Request) -> Response:
        began = asyncio.get_running_loop().time()
        try:
            fields = await answers.form(request, await answers.body(request))
        except TooLarge:
            return answers.message(self._door, "too_much", status=413)
        answer, crowd = await self._answer(fields, answers.visitor(request))
        await self._together.even(began, self._door.pace, crowd)
        return answer

    async def _answer(self, fields: FormData, visitor: Mapping[str, str]) -> tuple[Response, int]:
        """The page, and how many were answered by the same commit."""
        ask = self._ask(fields, visitor)
        if isinstance(ask, Response):
            return ask, 0
        await self._together.join(ask)
        return self._thanks(), self._together.crowd

    def _ask(self, fields: FormData, visitor: Mapping[str, str]) -> SignupRequest | Response:
        door = self._door
        email = _typed(fields)
        topics = _chosen(answers.texts(fields, "topics"), door)
        name = answers.text(fields, "name")
        verdict = suspicion.judge(door, fields)
        if verdict.who == "robot":
            return self._thanks()
        if verdict.who != "person":
            return _page(door, topics, email=email, name=name, error=verdict.who)
        try:
            address = parse(email)
        except BadAddress as error:
            if is_plausible(email):
                return self._thanks()
            said = error.kind if email else "empty"
            return _page(door, topics, status=422, email=email, name=name, error=said)
        meant = domains.meant(address.text)
        if meant and email != answers.text(fields, "sure"):
            return _page(door, topics, email=email, name=name, meant=meant)
        how = "form" if fields.get(suspicion.STAMP) else "form elsewhere"
        evidence = door.evidence(how, source=f"{door.base_url}/signup", **visitor)
        evidence = evidence.told(disposable=domains.is_among(address.domain, door.disposable))
        return SignupRequest(address, evidence, door.limits, name, tuple(topics), verdict.once)


def _typed(fields: FormData) -> str:
    """The address, or what its slip was taken for, if that was agreed to.

    Enter presses the first button of a form: it must not bring back what was mended by hand since.
    """
    email = answers.text(fields, "email").strip(" \t")
    instead = answers.text(fields, "instead")
    return instead if instead and domains.meant(email).lower() == instead.lower() else email


def _page(
    door: Door,
    topics: list[str],
    *,
    status: int = 200,
    email: str = "",
    name: str = "",
    error: str = "",
    meant: str = "",
) -> Response:
    return answers.public_page(
        door,
        "signup",
        status=status,
        stamp=suspicion.stamp(door),
        topics=[(topic, topic in topics) for topic in door.topics],
        wording=door.wording,
        privacy_url=door.privacy_url,
        email=email,
        name=name,
        error=error,
        meant=meant,
        challenge_url="/signup/challenge" if door.work else "",
    )


def _thanks(door: Door) -> Response:
    return answers.public_page(door, "thanks", days=max(1, door.confirm_within.days))


def _chosen(topics: list[str], door: Door) -> list[str]:
    return [topic for topic in door.topics if topic in topics]
