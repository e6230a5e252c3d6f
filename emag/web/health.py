"""Is it alive, and if not, why."""

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from emag.newsroom import Newsroom
from emag.web import vitals


def router(newsroom: Newsroom) -> APIRouter:
    routes = APIRouter(tags=["operation"])

    @routes.get("/healthz")
    def healthz() -> JSONResponse:
        """200 while all is well, 503 with the reason where something is not."""
        signs = vitals.signs(newsroom)
        wrong = [sign.said for sign in signs.values() if not sign.ok]
        told = {
            "ok": not wrong,
            "reason": " ".join(wrong),
            **{name: {"ok": sign.ok, "said": sign.said} for name, sign in signs.items()},
        }
        return JSONResponse(told, HTTPStatus.SERVICE_UNAVAILABLE if wrong else HTTPStatus.OK)

    return routes
