"""The whole line on bundled content, for a newcomer."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from starlette.applications import Starlette
from starlette.routing import Mount

from emag import bootstrap
from emag.demo import hosting, inbox, material, publication, site
from emag.demo.catcher import Catcher
from emag.demo.postroom import PostRoom
from emag.demo.telling import Teller
from emag.demo.walk import Walk
from emag.desk.preview import Preview
from emag.newsroom import Newsroom
from emag.settings import load
from emag.web import app as web
from emag.web import preview

__all__ = ["run"]


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the demo is a door, and time comes in here


def run(once: bool, port: int | None) -> int:
    """Walks the line and prints what it finds; 0 if every count is right, else 1.

    Without `once` the inbox, the archive and the preview stay open until Ctrl-C. Everything lies
    in a temporary folder, talks to this machine alone, and is gone afterwards.
    """
    tell = Teller(Console())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emag-demo-")))
        catcher = stack.enter_context(Catcher(now=now))
        listener = stack.enter_context(hosting.listen(0 if once and port is None else port))
        base_url = hosting.address(listener)
        website = stack.enter_context(_website())
        publication.write(
            folder, now=now(), base_url=base_url, site=website, smtp_port=catcher.port
        )
        newsroom = stack.enter_context(_newsroom(folder))
        postroom = stack.enter_context(PostRoom(newsroom))
        looking = stack.enter_context(closing(Preview(lambda: _open(folder), "latest")))
        pages = _pages(newsroom, catcher, postroom, looking)
        stack.enter_context(hosting.serving(pages, listener))
        stack.callback(looking.stop)
        client = stack.enter_context(httpx.Client(base_url=base_url, timeout=20))
        tell.title(
            f"{material.TITLE}, a magazine that we made up",
            f"Its folder is {folder}, its mail server and its websites are on this machine alone.",
        )
        Walk(newsroom, catcher, client, tell).go()
        good = "It all adds up." if tell.ok else "Something does not add up: see the lines with ✗."
        tell.end(good, good=tell.ok)
        if not once:
            _stay(tell, base_url)
    return 0 if tell.ok else 1


def _open(folder: Path) -> Newsroom:
    # The machine's own EMAG_… variables are not meant for the demo.
    return bootstrap.open_newsroom(folder, now=now, environ={})


@contextmanager
def _newsroom(folder: Path) -> Iterator[Newsroom]:
    settings = load(folder, {})
    with closing(bootstrap.connect(settings)) as database:
        bootstrap.upgrade(database)
    newsroom = _open(folder)
    try:
        yield newsroom
    finally:
        newsroom.transport.close()
        newsroom.database.close()


@contextmanager
def _website() -> Iterator[str]:
    with hosting.listen(0) as listener:
        pages = site.app(hosting.address(listener), now=now())
        with hosting.serving(pages, listener) as address:
            yield address


def _pages(newsroom: Newsroom, catcher: Catcher, postroom: PostRoom, looking: Preview) -> Starlette:
    return Starlette(
        routes=[
            Mount("/inbox", inbox.app(catcher, newsroom.settings)),
            Mount("/preview", preview.app(looking)),
            Mount("/", web.create(newsroom, nudge=postroom.nudge)),
        ]
    )


def _stay(tell: Teller, base_url: str) -> None:
    tell.links(
        {
            "Inbox": f"{base_url}/inbox/",
            "Preview": f"{base_url}/preview/",
            "Archive": f"{base_url}/archive",
            "Sign-up": f"{base_url}/signup",
        }
    )
    tell.end("Open it in a browser; Ctrl-C ends the demo and takes everything away.", good=True)
    # Whoever ends it otherwise must not leave its folder behind either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
