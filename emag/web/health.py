"""Answers whether the program works, and if not, why."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from emag.newsroom import Newsroom
from emag.web import vitals
from emag.web.vitals import Health


def router(newsroom: Newsroom) -> APIRouter:
    """`GET /healthz`, which has threads of its own, so that it answers under any load."""
    routes = APIRouter(tags=["operation"])
    threads = CapacityLimiter(2)

    @routes.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 while all is well, 503 with the reason otherwise."""
        health = await to_thread.run_sync(vitals.examine, newsroom, limiter=threads)
        return JSONResponse(document(health, newsroom.settings.publication.zone), status(health))

    return routes


def status(health: Health) -> HTTPStatus:
    return HTTPStatus.OK if health.ok else HTTPStatus.SERVICE_UNAVAILABLE


def document(health: Health, zone: ZoneInfo) -> Mapping[str, Any]:
    """The answer as JSON. `waits` holds everything that does not move, with what is no fault."""
    return {
        "ok": health.ok,
        "reason": " ".join(health.faults),
        **{name: {"ok": sign.ok, "said": sign.message} for name, sign in health.parts.items()},
        "waits": [
            {
                "obstacle": cause.obstacle.value,
                "since": cause.since.isoformat() if cause.since else None,
                "issue": cause.issue or None,
                "down": cause.is_down,
                "said": cause.sentence(zone),
            }
            for cause in health.causes
        ],
    }
