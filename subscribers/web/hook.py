"""The sign-up webhook: signed or with a bearer token, JSON or a form."""

import asyncio
import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request

from subscribers import domains
from subscribers.address import is_plausible, parse
from subscribers.consent import Evidence
from subscribers.errors import BadAddress, ForgedRequest, TooLarge
from subscribers.membership import SignupRequest
from subscribers.web import answers
from subscribers.web.door import Door
from subscribers.web.mapping import mapped
from subscribers.web.together import Together

WINDOW = timedelta(minutes=5)
_A_DAY = timedelta(days=1)
_TYPEFORM = "sha256="
_MOMENT = TypeAdapter(datetime)


def _text(value: object) -> object:
    """Text that every database can keep: no NUL, no half of a surrogate pair."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    return value


def _whole(value: object) -> object:
    """An address is not mended: what is left of it would be somebody else's."""
    if isinstance(value, str) and _text(value) != value:
        raise ValueError("holds characters that are in no address")
    return value


def _words(value: object) -> object:
    """Topics as a list, or as services send them: one word, or words between commas."""
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return value or []


def _moment(value: object) -> object:
    """A time that cannot be read is no reason to lose a reader; without a zone it is UTC."""
    try:
        found = _MOMENT.validate_python(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValidationError, OverflowError):
        return None


Text = Annotated[str, BeforeValidator(_text)]


class SignUp(BaseModel):
    """What a service sends. Only `email` must be there; fields that we do not know are ignored."""

    model_config = ConfigDict(extra="ignore")

    email: Annotated[Text, BeforeValidator(_whole), Field(min_length=1, max_length=1_000)]
    name: Text = ""
    topics: Annotated[list[str], BeforeValidator(_words)] = []
    source: Text = ""
    wording: Annotated[Text, Field(max_length=20_000)] = ""
    ip: Text = ""
    user_agent: Text = ""
    at: Annotated[datetime | None, BeforeValidator(_moment)] = None


_NAMES = [*SignUp.model_fields]  # email and name come first


def routes(door: Door, together: Together) -> APIRouter:
    router = APIRouter(tags=["hooks"])
    schema = {"content": {"application/json": {"schema": SignUp.model_json_schema()}}}

    @router.post("/hooks/signup", status_code=202, openapi_extra={"requestBody": schema})
    async def sign_up(request: Request) -> Response:
        """Signs somebody up. The answer is 202 whatever the state of the address.

        Signed with `X-Emag-Timestamp` (seconds) and `X-Emag-Signature: v1=` hex HMAC-SHA256 of
        `timestamp.body`; or with `Typeform-Signature`, as that service does it; or with
        `Authorization: Bearer`.
        """
        return await take(door, together, request)

    return router


async def take(door: Door, together: Together, request: Request) -> Response:
    began = asyncio.get_running_loop().time()
    try:
        raw = await answers.body(request)
        signed = _authenticated(door, request, raw)
        sent = await _read(door, request, raw)
        if signed.startswith(_TYPEFORM):
            _check_time(door, sent)
        crowd = await _sign_up(door, together, sent, signed)
    except TooLarge as error:
        return _refused(413, str(error))
    except ForgedRequest as error:
        return _refused(401, str(error))
    except BadAddress as error:
        return _refused(422, str(error))
    except ValidationError as error:
        return _refused(422, "; ".join(_sentence(fault) for fault in error.errors()))
    except (ValueError, RecursionError):  # the latter for JSON of thousands of brackets
        return _refused(400, "The body is neither JSON nor a form.")
    await together.even(began, door.hook_pace, crowd)
    return JSONResponse({"status": "accepted"}, 202, {"Cache-Control": "no-store"})


def _authenticated(door: Door, request: Request, raw: bytes) -> str:
    """What makes this request one of a kind; empty with a bearer token. Raises ForgedRequest."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if door.signup_token and scheme.lower() == "bearer":
        if hmac.compare_digest(token.strip().encode(), door.signup_token.encode()):
            return ""
        raise ForgedRequest("The bearer token is wrong.")
    typeform = request.headers.get("typeform-signature", "")
    if door.signup_secret and typeform:
        mac = hmac.digest(door.signup_secret.encode(), raw, "sha256")
        right = _TYPEFORM + base64.b64encode(mac).decode()
        if hmac.compare_digest(typeform.encode(), right.encode()):
            return right
        raise ForgedRequest("The signature does not fit the body.")
    stamp = request.headers.get("x-emag-timestamp", "")
    given = request.headers.get("x-emag-signature", "")
    if not (door.signup_secret and stamp and given):
        raise ForgedRequest("The request is neither signed nor has it a bearer token.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):  # noqa: PLR2004 - seconds
        raise ForgedRequest("X-Emag-Timestamp must be the time in seconds.")
    signed = stamp.encode() + b"." + raw
    right = "v1=" + hmac.digest(door.signup_secret.encode(), signed, "sha256").hex()
    if not any(hmac.compare_digest(s.strip().encode(), right.encode()) for s in given.split(",")):
        raise ForgedRequest("The signature does not fit the body and the time.")
    if abs(door.now().timestamp() - int(stamp)) > WINDOW.total_seconds():
        raise ForgedRequest("The signature is too old, or a clock is wrong.")
    return right + stamp


def _check_time(door: Door, sent: SignUp) -> None:
    """A signature without a time: the body's own must be of today, or it could come for ever."""
    if sent.at is None or abs(door.now() - sent.at) > _A_DAY:
        raise ForgedRequest("The body has no time of today: map `at` in [signup.fields].")


async def _read(door: Door, request: Request, raw: bytes) -> SignUp:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        fields = await answers.form(request, raw)
        body: Any = {name: ",".join(answers.texts(fields, name)) for name in fields}
        body["topics"] = ",".join(filter(None, (body.get("topics"), body.pop("topics[]", ""))))
        body |= {name: answers.text(fields, name) for name in _NAMES[:2] if name in fields}
    else:
        body = json.loads(raw)
        if not isinstance(body, dict):
            raise ValueError
    return SignUp.model_validate(mapped(body, door.fields, _NAMES))


async def _sign_up(door: Door, together: Together, sent: SignUp, signed: str) -> int:
    """Gives how many were answered by the same commit."""
    evidence = Evidence(
        "hook",
        wording=sent.wording,
        language=door.language if sent.wording else "",
        source=sent.source[:500],
        ip=sent.ip[:45],
        user_agent=sent.user_agent[:300],
        claimed_at=sent.at,
    )
    try:
        address = parse(sent.email)
    except BadAddress:
        if is_plausible(sent.email):
            return 0
        raise
    evidence = evidence.told(disposable=domains.is_among(address.domain, door.disposable))
    topics = tuple(topic for topic in door.topics if topic in sent.topics)
    limits = door.limits.for_services()
    await together.join(SignupRequest(address, evidence, limits, sent.name, topics, signed))
    return together.crowd


def _sentence(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where} is missing" if fault["type"] == "missing" else f"{where}: {fault['msg']}"


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, {"Cache-Control": "no-store"})
