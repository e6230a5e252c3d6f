"""The inbox page: every message that the catcher holds, as a mail program would show it."""

import re
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader

from emag.demo.catcher import Catcher, Caught
from emag.desk.appearance import Scheme, in_scheme
from emag.press import theme
from emag.settings import Settings

# What came by mail runs no script and sends no form, whoever wrote it.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
_HTTPS = re.compile(r"<(https?://[^<>\s]+)>")
_LINKS_OUT = '<base target="_blank">'


def one_click(caught: Caught) -> str:
    """The address at which a mail program unsubscribes (RFC 8058); empty where there is none."""
    if caught.message["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click":
        return ""
    found = _HTTPS.search(str(caught.message["List-Unsubscribe"] or ""))
    return found[1] if found else ""


def app(catcher: Catcher, settings: Settings) -> FastAPI:
    """Pages on what was caught. Links in them are relative, so that it can be mounted anywhere."""
    web = FastAPI(openapi_url=None)
    pages = Environment(loader=FileSystemLoader(settings.template_folders), autoescape=True)
    zone = settings.publication.zone
    pages.filters |= {
        "clock": lambda at: at.astimezone(zone).strftime("%H:%M:%S"),
        "hue": lambda address: sum(address.encode()) * 7 % 360,
        "who": lambda header: parseaddr(str(header))[0] or parseaddr(str(header))[1],
    }

    def find(number: int) -> Caught:
        caught = catcher.caught()
        if not 1 <= number <= len(caught):
            raise HTTPException(404)
        return caught[number - 1]

    def page(open_: Caught | None, **markup: Any) -> HTMLResponse:
        told = {
            "messages": catcher.caught()[::-1],
            "open": open_,
            "settings": settings,
            "look": theme.look(settings.theme),
        }
        html = pages.get_template("desk/inbox.html").render(told | markup)
        return HTMLResponse(html, headers={"Cache-Control": "no-store"})

    @web.get("/")
    def inbox() -> HTMLResponse:
        return page(None)

    @web.get("/count")
    def count() -> JSONResponse:
        return JSONResponse({"count": len(catcher.caught())}, headers={"Cache-Control": "no-store"})

    @web.get("/{number}")
    def message(number: int) -> HTMLResponse:
        caught = find(number)
        return page(caught, one_click=one_click(caught))

    _parts(web, find)
    return web


def _parts(web: FastAPI, find: Callable[[int], Caught]) -> None:
    @web.get("/{number}/html/{scheme}")
    def html(number: int, scheme: Scheme) -> HTMLResponse:
        markup = in_scheme(find(number).part("html"), scheme)
        markup = markup.replace("<head>", f"<head>{_LINKS_OUT}", 1)
        return HTMLResponse(markup, headers={"Content-Security-Policy": _POLICY})

    @web.get("/{number}/source")
    def source(number: int) -> PlainTextResponse:
        return PlainTextResponse(find(number).octets.decode("utf-8", "replace"))
