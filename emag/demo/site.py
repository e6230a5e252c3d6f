"""The website that the demo gathers from: a blog and a job board, each with a feed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Response
from fastapi.responses import FileResponse, HTMLResponse
from jinja2 import Environment, FileSystemLoader

from emag.demo import material
from emag.settings import shipped_templates

# By name, so that a request can reach no other file.
PICTURES = {path.stem: path for path in (Path(__file__).parent / "pictures").glob("*.png")}

RenderPage = Callable[..., str]
Collections = dict[str, Sequence[Any]]  # blog, jobs, events


def content(now: datetime) -> Collections:
    """What the website has when the demo starts; `now` dates it."""
    return {
        "blog": material.posts(now),
        "jobs": material.jobs(now),
        "events": material.events(now),
    }


def publish_more(collections: Collections, *, now: datetime) -> None:
    """Adds the posts and jobs that are in the issue after the first one."""
    collections["blog"] = [*material.posts(now, next_issue=True), *collections["blog"]]
    collections["jobs"] = [*material.jobs(now, next_issue=True), *collections["jobs"]]


def app(address: str, collections: Collections, *, now: datetime) -> FastAPI:
    """Builds the website for `address`. It shows what the collections hold at the moment."""
    web = FastAPI(openapi_url=None)
    templates = Environment(loader=FileSystemLoader(shipped_templates()), autoescape=True)
    templates.filters["rfc822"] = format_datetime
    common = {"address": address, "title": material.TITLE, "tagline": material.TAGLINE}

    def page(template: str, **variables: Any) -> str:
        return templates.get_template(f"desk/demo/{template}").render(common | variables)

    _feeds(web, page, collections, now=now)
    _pages(web, page, collections)
    return web


def _feeds(web: FastAPI, page: RenderPage, collections: Collections, *, now: datetime) -> None:
    def feed(name: str) -> Response:
        body = page(f"{name}.xml", items=collections[name], built=now)
        return Response(body, media_type="application/rss+xml; charset=utf-8")

    @web.get("/blog/feed.xml")
    def blog() -> Response:
        return feed("blog")

    @web.get("/jobs/feed.xml")
    def board() -> Response:
        return feed("jobs")


def _pages(web: FastAPI, page: RenderPage, collections: Collections) -> None:
    @web.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse(page("home.html", **collections))

    @web.get("/pictures/{name}.png")
    def picture(name: str) -> Response:
        if name not in PICTURES:
            raise HTTPException(404)
        return FileResponse(PICTURES[name])

    @web.get("/{kind}/{slug}")
    def item(kind: str, slug: str) -> HTMLResponse:
        for entry in collections.get(kind, ()):
            if entry.slug == slug:
                return HTMLResponse(page("item.html", kind=kind, item=entry))
        raise HTTPException(404)
