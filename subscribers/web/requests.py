"""Reads a request within bounds: its body, its form, and who sent it."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from subscribers import firewall
from subscribers.errors import TooLarge
from subscribers.web.fields import Fields, is_form, parse_form

MAX_BODY = 64 * 1024  # bytes
# A body up to this size takes less time to parse than a thread takes to start.
_PARSED_AT_ONCE = 4 * 1024
# The server sets this key of the ASGI scope where a request came with a forwarding header.
FORWARDED = "emag.forwarded"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sent a request. Attempts to sign up are counted per `network`; "" is not counted."""

    ip: str
    user_agent: str
    network: str


async def read_body(request: Request) -> bytes:
    """The raw body. Raises TooLarge before more than 64 KB of it are in memory."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length[:20]) > MAX_BODY:
        raise TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLarge
    return bytes(body)


async def read_form(request: Request, raw: bytes) -> Fields:
    """The fields of a body that was read already. Raises BadForm and TooLarge."""
    content_type = request.headers.get("content-type", "")
    if not is_form(content_type):
        return Fields()
    if len(raw) <= _PARSED_AT_ONCE:
        return parse_form(content_type, raw)
    return await run_in_threadpool(parse_form, content_type, raw)


def visitor(request: Request) -> Visitor:
    """Who sent the request.

    A direct request from a private network is not counted. One with a forwarding header always is:
    a proxy speaks for many people, and a header from a stranger is worth nothing.
    """
    ip = request.client.host if request.client else ""
    network = firewall.network(ip, private=FORWARDED in request.scope)
    return Visitor(ip, request.headers.get("user-agent", ""), network)
