"""The public archive: sent issues for everybody, without any reader's links."""

import re
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request, Response

from emag.issues import archive
from emag.issues.archive import ArchivedIssue
from emag.issues.correction import Parts, corrected
from emag.issues.issue import Frozen
from emag.newsroom import Newsroom
from emag.press import document
from emag.press.document import Document
from emag.web.caching import cached
from emag.web.pages import Pages

PAGE = 24  # issues
HTML, ATOM = "text/html; charset=utf-8", "application/atom+xml; charset=utf-8"
# A mail's pictures lie on the sites that it links to; http only where the publication is local.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: http: data:; "
    "font-src https:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
_HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)
_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)

_Page = Annotated[int, Query(alias="page", ge=1, le=100_000)]


def router(newsroom: Newsroom, pages: Pages) -> APIRouter:
    """The list of issues, its Atom feed, and each issue."""
    routes = APIRouter(tags=["archive"])
    home = f"{newsroom.settings.base_url}/archive"

    @routes.get("/archive")
    def listing(request: Request, page: _Page = 1) -> Response:
        with newsroom.database.reading() as conn:
            issues = archive.newest(conn, limit=PAGE + 1, offset=(page - 1) * PAGE)
        body = pages(
            "web/archive.html", issues=_on_page(issues, page), **_neighbours(home, page, issues)
        )
        return cached(request, body, HTML, changed_at=_newest_date(issues))

    @routes.get("/archive/feed.xml")
    def feed(request: Request, page: _Page = 1) -> Response:
        with newsroom.database.reading() as conn:
            issues = archive.newest_with_stories(conn, limit=PAGE + 1, offset=(page - 1) * PAGE)
        body = pages(
            "web/archive_feed.xml",
            issues=_on_page(issues, page),
            updated=_last_change(issues) or newsroom.now(),
            **_neighbours(f"{home}/feed.xml", page, issues),
        )
        return cached(request, body, ATOM, changed_at=_last_change(issues))

    @routes.get("/archive/{number}")
    def issue(request: Request, number: int) -> Response:
        with newsroom.database.reading() as conn:
            result = archive.readable(conn, number)
        if result is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        listed, frozen = result
        body = _page(listed, frozen, pages, f"{home}/{number}")
        response = cached(request, body, HTML, changed_at=listed.changed_at)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return routes


def _on_page(issues: list[ArchivedIssue], page: int) -> list[ArchivedIssue]:
    """Without the one more that was asked for, which only shows that there is a next page."""
    if not issues and page > 1:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return issues[:PAGE]


def _neighbours(url: str, page: int, issues: list[ArchivedIssue]) -> dict[str, str]:
    """The addresses of this page, the newer and the older one; "" where there is none."""

    def at(number: int) -> str:
        return url if number == 1 else f"{url}?page={number}"

    return {
        "this_url": at(page),
        "newer_url": at(page - 1) if page > 1 else "",
        "older_url": at(page + 1) if len(issues) > PAGE else "",
    }


def _newest_date(issues: list[ArchivedIssue]) -> datetime | None:
    return issues[0].left_at if issues else None


def _last_change(issues: list[ArchivedIssue]) -> datetime | None:
    return max((issue.changed_at for issue in issues), default=None)


def _page(issue: ArchivedIssue, frozen: Frozen, pages: Pages, url: str) -> str:
    """The issue with its corrections, below a bar with links to archive and sign-up page."""
    sent = Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
    sent = document.numbered(sent, issue.edition)
    public = document.public(sent, archive_url=url, texts=pages.words)
    html = corrected(Parts(public.html, public.text), issue.corrections).html
    head = pages("web/archive_head.html", issue=issue, url=url)
    bar = pages("web/archive_bar.html")
    notes = pages("web/archive_corrections.html", issue=issue) if issue.corrections else ""
    html = _HEAD_ENDS.sub(lambda end: head + end[0], html, count=1)
    html = _BODY.sub(lambda body: f"{body[0]}{bar}<main>{notes}", html, count=1)
    return _BODY_ENDS.sub(lambda end: f"</main>{end[0]}", html, count=1)
