"""The hook at which other systems send stories."""

import json
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from emag.content.admit import Admission
from emag.content.posted import PostedStory
from emag.desk import sent_in
from emag.errors import EmagError
from emag.newsroom import Newsroom
from emag.settings import Settings
from emag.web.bodies import BodySlots
from subscribers.errors import ForgedRequest
from subscribers.web import HookKeys

LARGEST = 1_000_000  # bytes of one story
LONGEST = 20_000  # characters of one field, but for the HTML
THREADS = 2  # stories that are taken in at the same time
_STATUS = {Admission.NEW: "new", Admission.ELSEWHERE: "known"}  # any other is “refreshed”


def _text(value: object) -> object:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_text), Field(max_length=LONGEST)]
Html = Annotated[str, BeforeValidator(_text)]


class StoryPost(BaseModel):
    """What a system sends. `title` and `url` are required; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore", strict=True)

    title: Text
    url: Text
    section: Text = ""
    summary: Text = ""
    html: Html = ""
    by: Text = ""
    picture: Text = ""
    alt: Text = ""
    published: Text = ""
    kind: Text = ""
    closes: Text = ""
    employer: Text = ""
    starts: Text = ""
    place: Text = ""


def router(newsroom: Newsroom) -> APIRouter:
    """`POST /hooks/stories`."""
    routes = APIRouter(prefix="/hooks/stories", tags=["hooks"])
    bodies, threads = BodySlots(), CapacityLimiter(THREADS)
    keys = hook_keys(newsroom.settings)
    schema = {"content": {"application/json": {"schema": StoryPost.model_json_schema()}}}

    @routes.post("", status_code=202, openapi_extra={"requestBody": schema})
    async def story(request: Request) -> Response:
        """One story, new or refreshed. Signed as posts to `/hooks/signup` are, with its own keys.

        The answer says whether it is “new”, “refreshed”, or “known” from a source of the settings.
        """
        async with bodies.read(request) as raw:
            if len(raw) > LARGEST:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            try:
                keys.check(request.headers, raw, now=newsroom.now())
                post = StoryPost.model_validate(_object(raw))
                take_in = partial(_take_in, newsroom, post)
                status = await to_thread.run_sync(take_in, limiter=threads)
            except ForgedRequest as error:
                return _refused(401, str(error))
            except ValidationError as error:
                return _refused(422, "; ".join(_sentence(fault) for fault in error.errors()))
            except EmagError as error:
                return _refused(422, str(error))
        return JSONResponse({"status": status}, 202, {"Cache-Control": "no-store"})

    return routes


def hook_keys(settings: Settings) -> HookKeys:
    """The hook's own keys. Those of the sign-up do not open it, even if they were set here too."""
    environment = settings.environment
    others = {environment.signup_secret, environment.signup_token}
    secret, token = environment.stories_secret, environment.stories_token
    return HookKeys("" if secret in others else secret, "" if token in others else token)


def _take_in(newsroom: Newsroom, post: StoryPost) -> str:
    """Raises EmagError for a field that cannot be read."""
    assert newsroom.pages
    admission = sent_in.take_in(
        newsroom.database,
        newsroom.settings,
        newsroom.pages,
        PostedStory(**post.model_dump(exclude={"section"})),
        section=post.section,
        now=newsroom.now(),
    )
    return _STATUS.get(admission, "refreshed")


def _object(raw: bytes) -> dict[str, Any]:
    """Raises HTTPException for a body that is no JSON object."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):  # RecursionError: thousands of brackets
        body = None
    if not isinstance(body, dict):
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is not a JSON object.")
    return body


def _sentence(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    reasons = {
        "missing": "it is missing",
        "string_type": "it is no text",
        "too_long": f"it has more than {LONGEST:,} characters",
        "string_too_long": f"it has more than {LONGEST:,} characters",
    }
    return f"{where}: {reasons.get(fault['type'], fault['msg'])}"


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, {"Cache-Control": "no-store"})
