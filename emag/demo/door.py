"""The demo's last page: a button that opens the desk, signed in as the demo's editor.

Only the demo has it, and only on this machine: a form of this page, sent from this machine to a
name of this machine. No other request opens a session.
"""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from emag.demo.staff import EDITOR_ADDRESS
from emag.desk import records
from emag.editors import sessions
from emag.editors.session import OpenedBy
from emag.errors import NotFound
from emag.issues.issue import Issue
from emag.newsroom import Newsroom
from emag.settings import is_loopback
from emag.web.desk import cookies
from emag.web.desk.forgery import SameSiteForms
from emag.web.desk.shell import HEADERS, Shell
from emag.web.hosts import LoopbackOnly

PATH = "/demo"


def app(current: Callable[[], Newsroom]) -> FastAPI:
    """The page at `PATH`, and the form on it."""
    web = FastAPI(openapi_url=None)
    base_url = current().settings.base_url
    web.add_middleware(SameSiteForms, base_url=base_url, below=PATH)
    web.add_middleware(LoopbackOnly)

    @web.get("/")
    def page(request: Request) -> Response:
        newsroom = current()
        return Shell(newsroom).page(request, None, "demo_door.html", issue=_next(newsroom))

    @web.post("/desk")
    def open_desk(request: Request) -> Response:
        ip = request.client.host if request.client else None
        if not is_loopback(ip):
            sentence = "The demo opens the desk on this machine only."
            return PlainTextResponse(sentence, HTTPStatus.FORBIDDEN)
        newsroom = current()
        browser = cookies.caller(request, "").browser
        token = sessions.open_session(
            newsroom.database,
            EDITOR_ADDRESS,
            OpenedBy.DEMO,
            now=newsroom.now(),
            browser=browser,
            ip=ip or "",
        )
        response = RedirectResponse("/desk", HTTPStatus.SEE_OTHER, HEADERS)
        cookies.set_session(response, base_url, token)
        return response

    return web


def _next(newsroom: Newsroom) -> Issue | None:
    with suppress(NotFound):
        return records.issue(newsroom.database, "next")
    return None
