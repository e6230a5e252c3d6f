"""The front page: a sign-up button and the latest issues."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, PlainTextResponse

from emag.issues import archive
from emag.newsroom import Newsroom
from emag.web.pages import Pages

LATEST = 3  # issues
# Pages for one reader and addresses for programs do not belong in a search engine.
ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: /{place}\n" for place in ("confirm", "unsubscribe", "preferences", "hooks", "desk")
)


def router(newsroom: Newsroom, pages: Pages) -> APIRouter:
    """The front page and robots.txt."""
    routes = APIRouter()

    @routes.get("/", include_in_schema=False)
    def front() -> HTMLResponse:
        with newsroom.database.reading() as conn:
            issues = archive.newest(conn, limit=LATEST)
        return HTMLResponse(pages("web/home.html", issues=issues))

    @routes.get("/robots.txt", include_in_schema=False)
    def robots() -> PlainTextResponse:
        return PlainTextResponse(ROBOTS)

    return routes
