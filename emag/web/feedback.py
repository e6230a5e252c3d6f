"""The hooks at which providers report what became of messages."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, HTTPException, Request

from emag.errors import ForgedReport, ReportError, Unreachable
from emag.mailing.returns import reports
from emag.newsroom import Newsroom
from emag.web.bodies import BodySlots
from emag.web.rare_log import RareLog

THREADS = 4  # reports that are verified at the same time; pages keep the other threads

_log = RareLog(logging.getLogger(__name__))


def router(newsroom: Newsroom, *, nudge: Callable[[], None] | None) -> APIRouter:
    """`POST /hooks/feedback/{provider}`."""
    routes = APIRouter(prefix="/hooks/feedback", tags=["hooks"])
    bodies, threads = BodySlots(), CapacityLimiter(THREADS)

    @routes.post("/{provider}")
    async def report(provider: str, request: Request) -> dict[str, int]:
        """One signed report. Answers how many of its events were new; a repeated one has none."""
        if provider not in newsroom.feedback:
            # Without a key nothing can be verified: the report is refused like a forged one.
            raise HTTPException(HTTPStatus.FORBIDDEN, "No key for this provider is set.")
        async with bodies.read(request) as body:
            record = partial(_record, newsroom, provider, dict(request.headers), body)
            new = await to_thread.run_sync(record, limiter=threads)
        if new and nudge:
            nudge()
        return {"events": new}

    return routes


def _record(newsroom: Newsroom, provider: str, headers: Mapping[str, str], body: bytes) -> int:
    """Stores the events of a report; gives the number of new ones. Raises HTTPException."""
    try:
        events = newsroom.feedback[provider].read(headers, body)
    except ForgedReport as error:
        _log.warning("A report to /hooks/feedback/%s has no valid signature", provider)
        raise HTTPException(HTTPStatus.FORBIDDEN, "The signature is not valid.") from error
    except Unreachable as error:
        # The provider's certificate cannot be had now. All providers send again after a 503.
        _log.warning("A report of %s cannot be verified now: %s", provider, error)
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "Send it again later.") from error
    except ReportError as error:
        # Signed but unreadable. It would be no better the second time, so it is accepted.
        _log.warning("A signed report of %s cannot be read: %s", provider, error)
        return 0
    return reports.receive(newsroom.database, events)
