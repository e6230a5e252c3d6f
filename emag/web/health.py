"""Answers whether the program works, and if not, why."""

from http import HTTPStatus

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse

from emag.newsroom import Newsroom
from emag.web import vitals


def router(newsroom: Newsroom) -> APIRouter:
    """`GET /healthz`, which has threads of its own, so that it answers under any load."""
    routes = APIRouter(tags=["operation"])
    threads = CapacityLimiter(2)

    @routes.get("/healthz")
    async def healthz() -> JSONResponse:
        """200 while all is well, 503 with the reason otherwise."""
        signs = await to_thread.run_sync(vitals.signs, newsroom, limiter=threads)
        faults = [sign.message for sign in signs.values() if not sign.ok]
        content = {
            "ok": not faults,
            "reason": " ".join(faults),
            **{name: {"ok": sign.ok, "said": sign.message} for name, sign in signs.items()},
        }
        return JSONResponse(content, HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK)

    return routes
