"""The sent issues, as anybody may read them: nobody's links are in them."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection

from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Status
from emag.newsroom import Newsroom
from emag.press import document
from emag.press.document import Document
from emag.web.pages import Pages

FRESH = 300  # seconds a copy may be shown without asking
IN_FEED = 20  # issues
_OUT = frozenset({Status.SENDING, Status.PAUSED, Status.SENT})
HTML, ATOM = "text/html; charset=utf-8", "application/atom+xml; charset=utf-8"
# A mail's pictures lie on the sites that it is about; http only where the publication is local.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: http: data:; "
    "font-src https:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
)
_HEAD_ENDS = re.compile(r"</head\s*>", re.IGNORECASE)
_BODY_ENDS = re.compile(r"</body\s*>", re.IGNORECASE)
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One sent issue in the archive."""

    number: int
    subject: str
    preheader: str
    url: str
    at: datetime  # when the last message of it had left
    stories: tuple[tuple[str, str], ...]  # title, link


@dataclass(frozen=True, slots=True)
class Shelf:
    """The sent issues of a newsroom, newest first."""

    newsroom: Newsroom

    def entries(self, most: int | None = None) -> list[Entry]:
        with self.newsroom.database.reading() as conn:
            return [self._entry(conn, issue.number) for issue in store.sent(conn)[:most]]

    def open(self, number: int) -> tuple[Entry, Frozen] | None:
        """An issue as it was sent; None for one that was not. Raises NotFound.

        One that is on its way is shown, though not listed yet: its first readers follow its link.
        """
        with self.newsroom.database.reading() as conn:
            issue, frozen = store.get(conn, number), approval.frozen(conn, number)
            if issue.status not in _OUT or frozen is None:
                return None
            return self._entry(conn, number), frozen

    def _entry(self, conn: Connection, number: int) -> Entry:
        settings = self.newsroom.settings
        issue = store.get(conn, number)
        at = life.history(conn, number)[-1].at
        return Entry(
            number=number,
            subject=issue.subject,
            preheader=issue.preheader,
            url=f"{settings.base_url}/archive/{number}",
            at=at,
            stories=tuple((pick.story.title, pick.story.link) for pick in issue.picks),
        )


def router(newsroom: Newsroom, pages: Pages) -> APIRouter:
    routes = APIRouter(tags=["archive"])
    shelf = Shelf(newsroom)

    @routes.get("/archive")
    def all_of_them(request: Request) -> Response:
        found = shelf.entries()
        return _kept(request, pages("web/archive.html", issues=found), HTML, found)

    @routes.get("/archive/feed.xml")
    def feed(request: Request) -> Response:
        found = shelf.entries(IN_FEED)
        updated = found[0].at if found else newsroom.now()
        body = pages("web/archive_feed.xml", issues=found, updated=updated)
        return _kept(request, body, ATOM, found)

    @routes.get("/archive/{number}")
    def one(request: Request, number: int) -> Response:
        found = shelf.open(number)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        entry, frozen = found
        response = _kept(request, _page(frozen, entry, pages), HTML, [entry])
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return routes


def _page(frozen: Frozen, entry: Entry, pages: Pages) -> str:
    """The issue as it was sent, below a bar that leads to the archive and to the sign-up page."""
    printed = Document(frozen.subject, frozen.preheader, frozen.html, frozen.text)
    html = document.public(printed, archive_url=entry.url).html
    head, bar = pages("web/archive_head.html", entry=entry), pages("web/archive_bar.html")
    html = _HEAD_ENDS.sub(lambda end: head + end[0], html, count=1)
    html = _BODY.sub(lambda body: f"{body[0]}{bar}<main>", html, count=1)
    return _BODY_ENDS.sub(lambda end: f"</main>{end[0]}", html, count=1)


def _kept(request: Request, body: str, kind: str, entries: list[Entry]) -> Response:
    """The answer with its validators (RFC 9110, 8.8), or 304 where the asker has it already."""
    octets = body.encode()
    tag = f'"{hashlib.sha256(octets).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={FRESH}"}
    if entries:
        headers["Last-Modified"] = format_datetime(entries[0].at, usegmt=True)
    if _has(request, tag, entries):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(octets, media_type=kind, headers=headers)


def _has(request: Request, tag: str, entries: list[Entry]) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is not None:  # it outranks the date
        return any(each.strip().removeprefix("W/") in {tag, "*"} for each in asked.split(","))
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None:
        return False
    return bool(entries) and entries[0].at.replace(microsecond=0) <= since
