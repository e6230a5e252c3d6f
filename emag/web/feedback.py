"""The hooks at which providers report what became of messages."""

import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from emag.errors import ForgedReport, ReportError, Unreachable
from emag.mailing.returns import reports
from emag.newsroom import Newsroom

_log = logging.getLogger(__name__)

MAX_BYTES = 5_000_000  # SendGrid's batches end at 768 KB


def router(newsroom: Newsroom, *, nudge: Callable[[], None] | None) -> APIRouter:
    routes = APIRouter(prefix="/hooks/feedback", tags=["hooks"])

    def take(provider: str, headers: Mapping[str, str], body: bytes) -> int:
        events = newsroom.feedback[provider].read(headers, body)
        return reports.receive(newsroom.database, events)

    @routes.post("/{provider}")
    async def report(provider: str, request: Request) -> dict[str, int]:
        """One signed report. Answers how many of its events were new; a repeated one has none."""
        if provider not in newsroom.feedback:
            # No key, no proof: what nobody can verify is refused like what is forged.
            raise HTTPException(HTTPStatus.FORBIDDEN, "No key for its signature is set here.")
        body = await bounded(request, MAX_BYTES)
        try:
            new = await run_in_threadpool(take, provider, dict(request.headers), body)
        except ForgedReport as error:
            _log.warning("a report to /hooks/feedback/%s is not signed as it should be", provider)
            raise HTTPException(HTTPStatus.FORBIDDEN, "The signature does not hold.") from error
        except Unreachable as error:
            # What proves it cannot be had just now: every provider sends again what was not taken.
            _log.warning("a report of %s cannot be verified now: %s", provider, error)
            raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "Please send it again.") from error
        except ReportError as error:
            # Signed and unreadable: sent again it would be no better, so it is taken and named.
            _log.warning("a signed report of %s cannot be read: %s", provider, error)
            return {"events": 0}
        if new and nudge:
            nudge()
        return {"events": new}

    return routes


async def bounded(request: Request, most: int) -> bytes:
    """The raw body, given up on as soon as it is longer than `most` octets."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(body)
