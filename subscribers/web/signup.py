"""The sign-up page and its form."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from subscribers import membership
from subscribers.address import is_plausible
from subscribers.errors import BadAddress, BadToken, TooLarge
from subscribers.web import answers
from subscribers.web.door import Door

HONEYPOT = "website"  # no person sees it; programs fill in whatever they find
STAMP = "shown"  # when the form was shown, signed
STALE = timedelta(days=1)


def routes(door: Door) -> APIRouter:
    router = APIRouter(tags=["sign-up"])

    @router.api_route("/signup", methods=["GET", "HEAD"], response_class=HTMLResponse)
    def show(request: Request) -> Response:
        """The sign-up page."""
        return _form(door, _chosen(request.query_params.getlist("topics"), door))

    @router.post("/signup", response_class=HTMLResponse)
    async def sign_up(request: Request) -> Response:
        """Asks to read: `email`, `name`, `topics`, as urlencoded or multipart form."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            fields = await answers.form(request, await answers.body(request))
        except TooLarge:
            return answers.message(door, "That was too much", "Please try again.", status=413)
        visitor = answers.visitor(request)
        answer = await run_in_threadpool(_sign_up, door, fields, visitor)
        # The same time for every state of an address; a writer's queue aside.
        await asyncio.sleep(max(0.0, began + door.pace.total_seconds() - loop.time()))
        return answer

    return router


def _sign_up(door: Door, fields: FormData, visitor: Mapping[str, str]) -> Response:
    email = answers.text(fields, "email").strip(" \t")
    topics = _chosen(answers.texts(fields, "topics"), door)
    name = answers.text(fields, "name")
    pace = _judge(door, fields)
    if pace == "robot":
        return _thanks(door)
    if pace == "stale":
        error = "This page was open for long. Please press the button once more."
        return _form(door, topics, email=email, name=name, error=error)
    how = "form" if fields.get(STAMP) else "form elsewhere"
    evidence = door.evidence(how, source=f"{door.base_url}/signup", **visitor)
    try:
        with door.transaction() as conn:
            result = membership.join(
                conn,
                door.keys,
                address=email,
                name=name,
                topics=topics,
                evidence=evidence,
                now=door.now(),
                limits=door.limits,
            )
    except BadAddress as error:
        if is_plausible(email):
            return _thanks(door)
        said = str(error) if email else "Please give your email address."
        return _form(door, topics, status=422, email=email, name=name, error=said)
    if result.outcome == "asked":
        door.nudge()
    return _thanks(door)


def _judge(door: Door, fields: FormData) -> str:
    """“robot”, “stale” or “person”. A form on another page of the publication has no stamp."""
    if answers.text(fields, HONEYPOT):
        return "robot"
    stamp = answers.text(fields, STAMP)
    if not stamp:
        return "person"
    now = door.now()
    try:
        shown = int(door.keys.read("form", stamp, now=now)) / 1000
    except BadToken:
        return "robot"
    age = now.timestamp() - shown
    if age < door.least_fill.total_seconds():
        return "robot"
    return "stale" if age > STALE.total_seconds() else "person"


def _form(
    door: Door,
    topics: list[str],
    *,
    status: int = 200,
    email: str = "",
    name: str = "",
    error: str = "",
) -> Response:
    stamp = door.keys.sign("form", str(int(door.now().timestamp() * 1000)))
    return answers.public_page(
        door,
        "signup",
        status=status,
        stamp=stamp,
        topics=[(topic, topic in topics) for topic in door.topics],
        wording=door.wording,
        privacy_url=door.privacy_url,
        email=email,
        name=name,
        error=error,
    )


def _thanks(door: Door) -> Response:
    return answers.public_page(door, "thanks", days=max(1, door.confirm_within.days))


def _chosen(topics: list[str], door: Door) -> list[str]:
    return [topic for topic in door.topics if topic in topics]
