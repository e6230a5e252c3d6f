"""The sign-up webhook: JSON or a form, signed or with a bearer token."""

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
from subscribers.errors import BadAddress, BadForm, ForgedRequest, TooLarge
from subscribers.membership import SignupRequest
from subscribers.web.batches import SignUpBatches
from subscribers.web.fields import is_form
from subscribers.web.mapping import mapped
from subscribers.web.requests import read_body, read_form
from subscribers.web.signed import HookKeys
from subscribers.web.site import Site

_A_DAY = timedelta(days=1)
_TYPEFORM = "sha256="  # how Typeform's signatures begin
_MOMENT = TypeAdapter(datetime)


def _text(value: object) -> object:
    """Text that every database can store: without NUL and lone surrogates."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    return value


def _unchanged(value: object) -> object:
    """An address is refused rather than repaired: the rest of it could be another person's."""
    if isinstance(value, str) and _text(value) != value:
        raise ValueError("holds characters that no address can have")
    return value


def _topics(value: object) -> object:
    """Topics as a list, or as services send them: one word, or words with commas between."""
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return value or []


def _moment(value: object) -> object:
    """The time in UTC, or None for one that cannot be read: no reason to lose a reader."""
    try:
        at = _MOMENT.validate_python(value)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValidationError, OverflowError):
        return None


Text = Annotated[str, BeforeValidator(_text)]


class SignUp(BaseModel):
    """What a service sends. Only `email` is required; unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")

    email: Annotated[Text, BeforeValidator(_unchanged), Field(min_length=1, max_length=1_000)]
    name: Text = ""
    topics: Annotated[list[str], BeforeValidator(_topics)] = []
    source: Text = ""
    wording: Annotated[Text, Field(max_length=20_000)] = ""
    ip: Text = ""
    user_agent: Text = ""
    at: Annotated[datetime | None, BeforeValidator(_moment)] = None


_FIELDS = [*SignUp.model_fields]  # email and name come first


def routes(site: Site, batches: SignUpBatches) -> APIRouter:
    """`POST /hooks/signup`."""
    router = APIRouter(tags=["hooks"])
    schema = {"content": {"application/json": {"schema": SignUp.model_json_schema()}}}

    @router.post("/hooks/signup", status_code=202, openapi_extra={"requestBody": schema})
    async def sign_up(request: Request) -> Response:
        """Signs somebody up. The answer is 202 whatever the state of the address.

        Signed with `X-Emag-Timestamp` (seconds) and `X-Emag-Signature: v1=` hex HMAC-SHA256 of
        `timestamp.body`; or with `Typeform-Signature`, as that service does it; or with
        `Authorization: Bearer`.
        """
        return await answer(site, batches, request)

    return router


async def answer(site: Site, batches: SignUpBatches, request: Request) -> Response:
    """Answers a service in JSON. The time of the answer reveals nothing about the address."""
    began = asyncio.get_running_loop().time()
    try:
        raw = await read_body(request)
        signed = _authenticated(site, request, raw)
        sign_up = await _read(site, request, raw)
        if signed.startswith(_TYPEFORM):
            _check_time(site, sign_up)
        batch_size = await _sign_up(site, batches, sign_up, signed)
    except TooLarge as error:
        return _refused(413, str(error))
    except ForgedRequest as error:
        return _refused(401, str(error))
    except BadAddress as error:
        return _refused(422, str(error))
    except ValidationError as error:
        return _refused(422, "; ".join(_sentence(fault) for fault in error.errors()))
    except (ValueError, RecursionError, BadForm):  # RecursionError: thousands of brackets
        return _refused(400, "The body is neither JSON nor a form.")
    await batches.pad(began, site.hook_pace, batch_size)
    return JSONResponse({"status": "accepted"}, 202, {"Cache-Control": "no-store"})


def _authenticated(site: Site, request: Request, raw: bytes) -> str:
    """An identifier of this request against replay; empty with a bearer token.

    Raises ForgedRequest.
    """
    typeform = request.headers.get("typeform-signature", "")
    has_token = site.signup_token and "authorization" in request.headers
    if site.signup_secret and typeform and not has_token:
        mac = hmac.digest(site.signup_secret.encode(), raw, "sha256")
        expected = _TYPEFORM + base64.b64encode(mac).decode()
        if hmac.compare_digest(typeform.encode(), expected.encode()):
            return expected
        raise ForgedRequest("The signature does not match the body.")
    keys = HookKeys(site.signup_secret, site.signup_token)
    return keys.check(request.headers, raw, now=site.now())


def _check_time(site: Site, sign_up: SignUp) -> None:
    """Typeform signs no time, so the body must hold one of today. Raises ForgedRequest."""
    if sign_up.at is None or abs(site.now() - sign_up.at) > _A_DAY:
        raise ForgedRequest("The body holds no time of today: map `at` in [signup.fields].")


async def _read(site: Site, request: Request, raw: bytes) -> SignUp:
    """The body as a sign-up. Raises ValueError and its children for one that cannot be read."""
    if is_form(request.headers.get("content-type", "")):
        fields = await read_form(request, raw)
        body: Any = {name: ",".join(fields.texts(name)) for name in fields}
        body["topics"] = ",".join(filter(None, (body.get("topics"), body.pop("topics[]", ""))))
        body |= {name: fields.text(name) for name in _FIELDS[:2] if name in fields}
    else:
        body = json.loads(raw)
        if not isinstance(body, dict):
            raise ValueError
    return SignUp.model_validate(mapped(body, site.fields, _FIELDS))


async def _sign_up(site: Site, batches: SignUpBatches, sign_up: SignUp, signed: str) -> int:
    """Signs up and gives the number of sign-ups that the same commit wrote. Raises BadAddress."""
    evidence = Evidence(
        "hook",
        wording=sign_up.wording,
        language=site.language if sign_up.wording else "",
        source=sign_up.source[:500],
        ip=sign_up.ip[:45],
        user_agent=sign_up.user_agent[:300],
        claimed_at=sign_up.at,
    )
    try:
        address = parse(sign_up.email)
    except BadAddress:
        if is_plausible(sign_up.email):
            return 0
        raise
    evidence = evidence.with_details(disposable=domains.is_among(address.domain, site.disposable))
    topics = tuple(topic for topic in site.topics if topic in sign_up.topics)
    limits = site.limits.for_services()
    await batches.join(SignupRequest(address, evidence, limits, sign_up.name, topics, signed))
    return batches.last_size


def _sentence(fault: Any) -> str:
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where} is missing" if fault["type"] == "missing" else f"{where}: {fault['msg']}"


def _refused(status: int, sentence: str) -> Response:
    return JSONResponse({"error": sentence}, status, {"Cache-Control": "no-store"})
