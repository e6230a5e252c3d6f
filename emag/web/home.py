"""The front page: what this is, where to sign up, the latest issues."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, PlainTextResponse

from emag.issues import store
from emag.newsroom import Newsroom
from emag.web.pages import Pages

SHOWN = 3
# Pages of one reader, and what programs talk to, are nothing to be found by searching.
ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: /{place}\n" for place in ("confirm", "unsubscribe", "preferences", "hooks", "desk")
)


def router(newsroom: Newsroom, pages: Pages) -> APIRouter:
    routes = APIRouter()

    @routes.get("/", include_in_schema=False)
    def front() -> HTMLResponse:
        with newsroom.database.reading() as conn:
            issues = store.sent(conn)[:SHOWN]
        return HTMLResponse(pages("web/home.html", issues=issues))

    @routes.get("/robots.txt", include_in_schema=False)
    def robots() -> PlainTextResponse:
        return PlainTextResponse(ROBOTS)

    return routes
