"""The preview's page for one person on this machine: desktop, phone, dark and text."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Annotated
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Query, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from jinja2 import Environment, FileSystemLoader

from emag.desk.appearance import Scheme, in_scheme
from emag.desk.preview import LIMIT, Preview, Previewable
from emag.errors import EmagError
from emag.web.hosts import LoopbackOnly

POLL = 0.25  # seconds between two looks at files and picks
PATIENCE = 20.0  # seconds that a page waits for a change before it asks again

_FRESH = {"Cache-Control": "no-store"}
_Topics = Annotated[list[str] | None, Query()]  # from the page's address; none means all
_NO_SCRIPT = {"Content-Security-Policy": "script-src 'none'; object-src 'none'"}


def app(preview: Preview, *, patience: float = PATIENCE) -> FastAPI:
    """The preview's pages. Links in them are relative, so that it can be mounted anywhere."""
    web = FastAPI(openapi_url=None)
    web.add_middleware(LoopbackOnly)
    pages = Environment(loader=FileSystemLoader(preview.settings.template_folders), autoescape=True)

    @web.get("/")
    def page(topics: _Topics = None) -> HTMLResponse:
        view = preview.look()
        context = {
            "view": view,
            "document": preview.for_topics(view, topics),
            "switch": _switch(preview.settings.signup.topics, topics or ()),
            "query": _query(topics or ()),
            "settings": preview.settings,
            "html_bytes": preview.html_bytes(view, topics),
            "limit": LIMIT,
        }
        return HTMLResponse(pages.get_template("desk/preview.html").render(context), headers=_FRESH)

    @web.get("/view/{scheme}")
    def view(scheme: Scheme, topics: _Topics = None) -> HTMLResponse:
        document = preview.for_topics(preview.look(), topics)
        html = in_scheme(document.html, scheme) if document else ""
        html = html.replace(f"{preview.settings.base_url}/pictures/", "../pictures/")
        return HTMLResponse(html, headers=_FRESH | _NO_SCRIPT)

    @web.get("/pictures/{hash_}/{name}")
    def picture(hash_: str, name: str) -> Response:
        """emag's own copy: where the issue is read, the site that serves it may not run."""
        file = preview.picture(hash_, name)
        return Response(file.content, media_type=file.kind) if file else Response(status_code=404)

    @web.get("/text")
    def text(topics: _Topics = None) -> PlainTextResponse:
        document = preview.for_topics(preview.look(), topics)
        return PlainTextResponse(document.text if document else "", headers=_FRESH)

    @web.get("/changes")
    async def changes(since: str = "") -> JSONResponse:
        """Answers when the page differs from `since`, or when `patience` is over."""
        waited = 0.0
        while True:
            stamp = (await asyncio.to_thread(preview.look)).stamp
            if stamp != since or waited >= patience or preview.over:
                return JSONResponse({"stamp": stamp}, headers=_FRESH)
            await asyncio.sleep(POLL)
            waited += POLL

    return web


def _switch(offered: Sequence[str], chosen: Sequence[str]) -> list[tuple[str, bool, str]]:
    """Each topic, whether it is chosen, and the query string that toggles it."""
    return [
        (topic, topic in chosen, _query(_toggled(offered, chosen, topic)) or "./")
        for topic in offered
    ]


def _toggled(offered: Sequence[str], chosen: Sequence[str], topic: str) -> list[str]:
    return [other for other in offered if (other in chosen) != (other == topic)]


def _query(topics: Sequence[str]) -> str:
    return "?" + urlencode([("topics", topic) for topic in topics]) if topics else ""


class _Server(uvicorn.Server):
    """Ends the waiting requests of open pages before it shuts down."""

    def __init__(self, config: uvicorn.Config, preview: Preview) -> None:
        super().__init__(config)
        self._preview = preview

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._preview.stop()
        await super().shutdown(sockets)


def serve(
    open_newsroom: Callable[[], Previewable],
    which: int | str,
    port: int,
    *,
    announce: Callable[[str], None] = lambda _: None,
) -> None:
    """Serves the page to this machine only until it is stopped; `announce` gets its address.

    Raises EmagError where the port is in use.
    """
    preview = Preview(open_newsroom, which)
    try:
        with _listen(port) as listener:
            announce(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            config = uvicorn.Config(
                app(preview),
                log_level="warning",
                timeout_graceful_shutdown=1,
                lifespan="off",
                proxy_headers=False,
            )
            _Server(config, preview).run(sockets=[listener])
    finally:
        preview.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError:
        raise EmagError(f"Port {port} is in use: choose another one with --port") from None
