"""The demo: gathers bundled content, sends an issue by SMTP on this machine, shows the inbox."""

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console
from starlette.applications import Starlette
from starlette.routing import Mount

from emag import bootstrap
from emag.demo import door, hosting, inbox, material, publication, site
from emag.demo.catcher import Catcher
from emag.demo.postroom import PostRoom
from emag.demo.report import DemoReport
from emag.demo.walk import Walk
from emag.desk.preview import Preview
from emag.live import LiveNewsroom
from emag.newsroom import Newsroom
from emag.settings import load, themes
from emag.web import app as web
from emag.web import preview
from emag.web.live import LiveApp

__all__ = ["run"]


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the demo is an entry point, where time comes in


def run(once: bool, port: int | None, theme: str = themes.DEFAULT) -> int:
    """Runs all steps and prints the results. Returns 0 if every count is right, else 1.

    Without `once` the inbox, the archive and the preview stay open until Ctrl-C. The publication
    is a temporary folder that is deleted at the end; only connections on this machine are used.
    """
    report = DemoReport(Console())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="emag-demo-")))
        catcher = stack.enter_context(Catcher(now=now))
        listener = stack.enter_context(hosting.listen(0 if once and port is None else port))
        base_url = hosting.named_address(listener)
        collections = site.content(now())
        website = stack.enter_context(_website(collections))
        publication.write(
            folder,
            now=now(),
            base_url=base_url,
            site=website,
            smtp_port=catcher.port,
            theme=theme,
        )
        live = stack.enter_context(_newsroom(folder))
        postroom = stack.enter_context(PostRoom(live()))
        preview_view = stack.enter_context(closing(Preview(lambda: _open(folder), "latest")))
        pages = _pages(live, catcher, postroom, preview_view)
        stack.enter_context(hosting.serving(pages, listener))
        stack.callback(preview_view.stop)
        client = stack.enter_context(httpx.Client(base_url=base_url, timeout=20))
        report.title(
            f"{material.TITLE}, an invented magazine",
            f"Its folder is {folder}. Its mail server and its websites run on this machine only.",
        )
        publish_more = partial(_publish_more, collections)
        Walk(live(), catcher, client, report, publish_more, postroom.nudge).run()
        if report.ok:
            report.end("It all adds up.", good=True)
        else:
            report.end("Something does not add up: see the lines with ✗.", good=False)
        if once:
            report.note(f"Without --once, {base_url}{door.PATH}/ would now open the desk.")
        else:
            _stay(report, base_url, live)
    return 0 if report.ok else 1


def _open(folder: Path) -> Newsroom:
    # Without `environ`, the machine's EMAG_… variables would change the demo.
    return bootstrap.open_newsroom(folder, now=now, environ={})


@contextmanager
def _newsroom(folder: Path) -> Iterator[LiveNewsroom]:
    settings = load(folder, {})
    with closing(bootstrap.connect(settings)) as database:
        bootstrap.upgrade(database, bootstrap.anchor(settings))
    live = bootstrap.open_live(folder, now=now, environ={})
    try:
        yield live
    finally:
        live().transport.close()
        live().database.close()


def _publish_more(collections: site.Collections) -> None:
    site.publish_more(collections, now=now())


@contextmanager
def _website(collections: site.Collections) -> Iterator[str]:
    with hosting.listen(0) as listener:
        pages = site.app(hosting.address(listener), collections, now=now())
        with hosting.serving(pages, listener) as address:
            yield address


def _pages(
    live: LiveNewsroom, catcher: Catcher, postroom: PostRoom, preview_view: Preview
) -> Starlette:
    desk = LiveApp(live(), partial(web.create, nudge=postroom.nudge))
    live.follow(desk.prepare)
    return Starlette(
        routes=[
            Mount("/inbox", inbox.app(catcher, live().settings)),
            Mount("/preview", preview.app(preview_view)),
            Mount(door.PATH, door.app(live)),
            Mount("/", desk),
        ]
    )


def _stay(report: DemoReport, base_url: str, live: LiveNewsroom) -> None:
    """Keeps everything open, with the timetable, until Ctrl-C."""
    report.links(
        {
            "Desk": f"{base_url}{door.PATH}/",
            "Inbox": f"{base_url}/inbox/",
            "Preview": f"{base_url}/preview/",
            "Archive": f"{base_url}/archive",
            "Sign-up": f"{base_url}/signup",
        }
    )
    report.end("Open a page in a browser. Ctrl-C ends the demo and deletes its folder.", good=True)
    # SIGTERM must delete the folder too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    engine = bootstrap.engine(live)
    engine.start()
    try:
        with live.watching(), suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        engine.stop()
