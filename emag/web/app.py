"""The ASGI app: public pages, hooks, and the desk."""

import warnings
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from emag import __version__
from emag.newsroom import Newsroom
from emag.untrusted import UntrustedSenders
from emag.web import (
    archive,
    desk,
    errors,
    feedback,
    health,
    home,
    lists,
    metrics,
    pictures,
    stories,
)
from emag.web.desk.forgery import SameSiteForms
from emag.web.headers import SecurityHeaders
from emag.web.pages import Pages
from emag.web.proxies import TrustedProxies
from emag.web.request_ids import RequestIds
from subscribers.web import DirectSignUp, router


def create(newsroom: Newsroom, *, nudge: Callable[[], None] | None = None) -> FastAPI:
    """Every public page and hook. `nudge` is called after a report or a letter was stored."""
    settings = newsroom.settings
    pages = Pages(settings)
    # No telemetry: paths hold readers' tokens, and it would cost as much as a sign-up.
    no_telemetry: Any = {"tracing": False, "metrics": False, "logs": False}
    web = _Web(
        title=settings.publication.title,
        version=__version__,
        docs_url=None,
        redoc_url=None,
        telemetry=no_telemetry,
    )
    site = lists.site(newsroom, pages, nudge=nudge)
    web.add_middleware(DirectSignUp, site=site)
    web.add_middleware(SameSiteForms, base_url=settings.base_url)
    errors.install(web, pages, base_url=settings.base_url)
    # Outside of the errors, so that their answers get the headers too.
    web.add_middleware(SecurityHeaders, https=settings.base_url.startswith("https:"))
    web.add_middleware(RequestIds)
    untrusted = UntrustedSenders(settings.folder, newsroom.now)
    trusted = settings.environment.trusted_proxies
    web.add_middleware(TrustedProxies, networks=trusted, report=untrusted.note)
    for routes in (
        router(site),
        feedback.router(newsroom, nudge=nudge),
        stories.router(newsroom),
        archive.router(newsroom, pages),
        pictures.router(newsroom.database),
        home.router(newsroom, pages),
        health.router(newsroom),
        metrics.router(newsroom),
        desk.router(newsroom, nudge=nudge),
    ):
        # As they are: include_router would prepare every route again, which takes half a second.
        web.router.routes.extend(routes.routes)
    return web


class _Web(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Describes every route but HEAD, whose operation would have the same name as GET."""
        if not self.openapi_schema:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                schema = super().openapi()
            for operations in schema["paths"].values():
                operations.pop("head", None)
        return self.openapi_schema or {}
