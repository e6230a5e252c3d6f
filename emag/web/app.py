"""The whole web: one app from the newsroom's ports."""

import warnings
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI

from emag.newsroom import Newsroom
from emag.web import archive, errors, feedback, health, home, lists, metrics
from emag.web.headers import Guarded
from emag.web.pages import Pages
from emag.web.proxies import TrustedProxies
from emag.web.strangers import Strangers
from subscribers.web import Direct, router


def create(newsroom: Newsroom, *, nudge: Callable[[], None] | None = None) -> FastAPI:
    """Every public page and hook. `nudge` is called after something came in that others act on."""
    settings = newsroom.settings
    pages = Pages(settings)
    # Paths hold readers' tokens, which are nobody's telemetry; and it costs as much as a sign-up.
    silent: Any = {"tracing": False, "metrics": False, "logs": False}
    web = _Web(title=settings.publication.title, docs_url=None, redoc_url=None, telemetry=silent)
    site = lists.site(newsroom, pages, nudge=nudge)
    web.add_middleware(Direct, site=site)
    errors.install(web, pages, base_url=settings.base_url)
    # Outermost, so that an error's answer is guarded too.
    web.add_middleware(Guarded, https=settings.base_url.startswith("https:"))
    strangers = Strangers(settings.folder, newsroom.now)
    trusted = settings.environment.trusted_proxies
    web.add_middleware(TrustedProxies, networks=trusted, report=strangers.note)
    for routes in (
        router(site),
        feedback.router(newsroom, nudge=nudge),
        archive.router(newsroom, pages),
        home.router(newsroom, pages),
        health.router(newsroom),
        metrics.router(newsroom),
    ):
        web.include_router(routes)
    return web


class _Web(FastAPI):
    def openapi(self) -> dict[str, Any]:
        """Every route described; HEAD goes without saying, and would share its name with GET."""
        if not self.openapi_schema:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)
                schema = super().openapi()
            for operations in schema["paths"].values():
                operations.pop("head", None)
        return self.openapi_schema or {}
