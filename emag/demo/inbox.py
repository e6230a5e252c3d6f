"""The inbox page: shows every caught message as a mail program would."""

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

# A message must not run scripts or send forms.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: http: data:; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
_HTTPS = re.compile(r"<(https?://[^<>\s]+)>")
_LINKS_OUT = '<base target="_blank">'


def one_click(caught: Caught) -> str:
    """Returns the address for one-click unsubscribing (RFC 8058), "" if there is none."""
    if caught.message["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click":
        return ""
    match = _HTTPS.search(str(caught.message["List-Unsubscribe"] or ""))
    return match[1] if match else ""


def app(catcher: Catcher, settings: Settings) -> FastAPI:
    """Builds the inbox pages. Links are relative, so the app can be mounted at any path."""
    web = FastAPI(openapi_url=None)
    pages = Environment(loader=FileSystemLoader(settings.template_folders), autoescape=True)
    zone = settings.publication.zone
    pages.filters |= {
        "clock": lambda at: at.astimezone(zone).strftime("%H:%M:%S"),
        "hue": lambda address: sum(address.encode()) * 7 % 360,
        "display_name": lambda header: parseaddr(str(header))[0] or parseaddr(str(header))[1],
    }

    def find(number: int) -> Caught:
        caught = catcher.caught()
        if not 1 <= number <= len(caught):
            raise HTTPException(404)
        return caught[number - 1]

    def page(open_: Caught | None, **variables: Any) -> HTMLResponse:
        context = {
            "messages": catcher.caught()[::-1],
            "open": open_,
            "settings": settings,
            "look": theme.look(settings.theme),
        }
        html = pages.get_template("desk/inbox.html").render(context | variables)
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
