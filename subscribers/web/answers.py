"""How a request is read within bounds, and how a page is answered."""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.types import Message

from subscribers.errors import BadToken, ExpiredToken, TooLarge
from subscribers.web.door import Door

MAX_BODY, MAX_FIELDS = 64 * 1024, 200
_NONE, _SELF = "'none'", "'self'"
_PLAIN_FORM = "application/x-www-form-urlencoded"
_INLINE = {kind: re.compile(rf"<{kind}>(.*?)</{kind}>", re.DOTALL) for kind in ("style", "script")}
_BASIC = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PRIVATE: Mapping[str, str] = {**_BASIC, "X-Robots-Tag": "noindex, nofollow"}


def page(door: Door, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page that belongs to one person: not kept, not indexed, and it tells nobody its address."""
    return _answer(door, template, status, PRIVATE, context)


def public_page(door: Door, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A page that search engines may find."""
    return _answer(door, template, status, _BASIC, context)


def message(door: Door, about: str, *, status: int = 200) -> HTMLResponse:
    """A page that says one thing, which the catalogue of words knows by this name."""
    return page(door, "message", status=status, about=about)


def guarded(door: Door, act: Callable[[], Response]) -> Response:
    """RowStatus so where a link is broken or too old."""
    try:
        return act()
    except ExpiredToken:
        return too_old(door)
    except BadToken:
        return broken(door)


def too_old(door: Door) -> Response:
    return page(door, "expired", status=410)


def broken(door: Door) -> Response:
    return message(door, "broken", status=404)


def _answer(
    door: Door, template: str, status: int, headers: Mapping[str, str], context: dict[str, object]
) -> HTMLResponse:
    html = door.page(f"web/{template}.html", signup_url=f"{door.base_url}/signup", **context)
    scripts = _hashes(html, "script")
    policy = (
        f"default-src 'none'; style-src {_hashes(html, 'style')}; script-src {scripts}; "
        f"connect-src {_NONE if scripts == _NONE else _SELF}; img-src data:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(html, status, {**headers, "Content-Security-Policy": policy})


def _hashes(html: str, kind: str) -> str:
    """The page's own styles and scripts by their hash: a nonce would make equal answers differ."""
    digests = (hashlib.sha256(text.encode()).digest() for text in _INLINE[kind].findall(html))
    return " ".join(f"'sha256-{base64.b64encode(d).decode()}'" for d in digests) or _NONE


async def body(request: Request) -> bytes:
    """The raw body. Raises TooLarge before more than 64 KB of it are kept."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > MAX_BODY:
        raise TooLarge
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MAX_BODY:
            raise TooLarge
    return bytes(found)


async def form(request: Request, raw: bytes) -> FormData:
    """The fields of a urlencoded or multipart body that was read already."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == _PLAIN_FORM:
        try:
            pairs = parse_qsl(
                raw.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MAX_FIELDS
            )
        except ValueError as error:
            raise TooLarge from error
        return FormData([*pairs])

    async def again() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return await Request(request.scope, again).form(max_files=5, max_fields=MAX_FIELDS)


def text(fields: FormData, name: str) -> str:
    """One field as text; a file, or nothing, is empty."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def texts(fields: FormData, name: str) -> list[str]:
    return [value for value in fields.getlist(name) if isinstance(value, str)]


def visitor(request: Request) -> dict[str, str]:
    """Where from and with what, for the evidence."""
    ip = request.client.host if request.client else ""
    return {"ip": ip, "user_agent": request.headers.get("user-agent", "")}
