"""The website that the demo gathers from: a blog and a job board, each with its feed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader

from emag.demo import material, pictures
from emag.settings import shipped_templates

Page = Callable[..., str]


def app(address: str, *, now: datetime) -> FastAPI:
    """The site at `address`, as it stands at `now`."""
    web = FastAPI(openapi_url=None)
    templates = Environment(loader=FileSystemLoader(shipped_templates()), autoescape=True)
    templates.filters["rfc822"] = format_datetime
    told = {"address": address, "title": material.TITLE, "tagline": material.TAGLINE}

    def page(template: str, **shown: Any) -> str:
        return templates.get_template(f"desk/demo/{template}").render(told | shown)

    shelves: dict[str, Sequence[Any]] = {
        "blog": material.posts(now),
        "jobs": material.jobs(now),
        "events": material.events(now),
    }
    _feeds(web, page, shelves, now=now)
    _pages(web, page, shelves)
    return web


def _feeds(web: FastAPI, page: Page, shelves: dict[str, Sequence[Any]], *, now: datetime) -> None:
    def feed(name: str) -> Response:
        body = page(f"{name}.xml", items=shelves[name], built=now)
        return Response(body, media_type="application/rss+xml; charset=utf-8")

    @web.get("/blog/feed.xml")
    def blog() -> Response:
        return feed("blog")

    @web.get("/jobs/feed.xml")
    def board() -> Response:
        return feed("jobs")


def _pages(web: FastAPI, page: Page, shelves: dict[str, Sequence[Any]]) -> None:
    @web.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse(page("home.html", **shelves))

    @web.get("/pictures/{name}.png")
    def picture(name: str) -> Response:
        if name not in pictures.SCENES:
            raise HTTPException(404)
        return Response(pictures.png(name), media_type="image/png")

    @web.get("/{shelf}/{slug}")
    def item(shelf: str, slug: str) -> HTMLResponse:
        found = next((each for each in shelves.get(shelf, ()) if each.slug == slug), None)
        if found is None:
            raise HTTPException(404)
        return HTMLResponse(page("item.html", shelf=shelf, item=found))
