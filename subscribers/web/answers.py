"""How a request is read within bounds, and how a page is answered."""

import base64
import hashlib
import re
from collections.abc import Mapping

from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.types import Message

from subscribers.errors import TooLarge
from subscribers.web.door import Door

MAX_BODY = 64 * 1024
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
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


def message(door: Door, heading: str, *text: str, status: int = 200) -> HTMLResponse:
    return page(door, "message", status=status, heading=heading, text=text)


def _answer(
    door: Door, template: str, status: int, headers: Mapping[str, str], context: dict[str, object]
) -> HTMLResponse:
    html = door.page(f"web/{template}.html", signup_url=f"{door.base_url}/signup", **context)
    # The page's own style is named by its hash: a nonce would make two equal answers differ.
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
        for style in _STYLE.findall(html)
    ]
    styles = " ".join(hashes) or "'none'"
    policy = (
        f"default-src 'none'; style-src {styles}; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    return HTMLResponse(html, status, {**headers, "Content-Security-Policy": policy})


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

    async def again() -> Message:
        return {"type": "http.request", "body": raw, "more_body": False}

    return await Request(request.scope, again).form(max_files=5, max_fields=200)


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
