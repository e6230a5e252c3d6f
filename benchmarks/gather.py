"""Measures the CPU of reading 30 feeds of 50 items, cold and unchanged, beside plain feedparser.

.venv/bin/python benchmarks/gather.py
"""

import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser
from feedparser import api

from emag import migrate
from emag.content.gather import gather
from emag.content.sources.feed import FeedSource
from emag.database import Database

FEEDS, ITEMS, RUNS = 30, 50, 5
COLD, UNCHANGED = 1.5, 0.1  # times feedparser's CPU, at most
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
PARAGRAPH = (
    "<p>The lamps of <a href='/streets/{n}'>street {n}</a> were lit at <strong>four</strong> in "
    "the afternoon, and nobody had asked the council for it. &#8220;It was the fog,&#8221; "
    "said the lamplighter, who had walked there from the other end of the town.</p>"
)
FURNITURE = (
    "<div class='sharedaddy'><ul><li><a href='/share'>Share</a></li></ul></div>"
    "<p>The post <a href='/'>Lamps</a> appeared first on <a href='/'>The Crier</a>.</p>"
)


def item(feed: int, number: int) -> str:
    link = f"https://blog-{feed}.example/lamps-{number}/"
    picture = f"<img src='/picture-{number}.jpg' width='800' height='450' alt='A lamp in fog'>"
    body = picture + "".join(PARAGRAPH.format(n=n) for n in range(number, number + 4)) + FURNITURE
    return (
        f"<item><title>Lamps in street {number}</title><link>{link}</link>"
        f"<guid isPermaLink='false'>{link}</guid><dc:creator>Ann Example</dc:creator>"
        f"<pubDate>{format_datetime(NOW - timedelta(hours=number))}</pubDate>"
        f"<category>Streets</category><description><![CDATA[{PARAGRAPH.format(n=number)}]]>"
        f"</description><content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def page(feed: int) -> bytes:
    namespaces = (
        "xmlns:content='http://purl.org/rss/1.0/modules/content/' "
        "xmlns:dc='http://purl.org/dc/elements/1.1/'"
    )
    items = "".join(item(feed, number) for number in range(ITEMS))
    title = f"<title>Blog {feed}</title><link>https://blog-{feed}.example/</link>"
    return f"<rss version='2.0' {namespaces}><channel>{title}{items}</channel></rss>".encode()


class Site(BaseHTTPRequestHandler):
    """Serves the feeds, and answers 304 to a reader who knows them."""

    pages: dict[str, bytes]

    def do_GET(self) -> None:
        body = self.pages[self.path]
        has_etag = self.headers.get("If-None-Match") == f'"{self.path}"'
        self.send_response(304 if has_etag else 200)
        self.send_header("ETag", f'"{self.path}"')
        self.send_header("Content-Length", "0" if has_etag else str(len(body)))
        self.end_headers()
        if not has_etag:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Writes nothing."""


def cpu(run: Callable[[], object]) -> float:
    """The CPU of the whole process in seconds, the site that serves the feeds included."""
    began = time.process_time()
    run()
    return time.process_time() - began


def line(label: str, seconds: float, peer: float, limit: float) -> None:
    ratio = seconds / peer
    verdict = "within" if ratio <= limit else "OVER"
    print(f"{label:<22} {seconds * 1000:>8,.0f} ms  {ratio:>5.2f} times, {verdict} {limit:g}")


def plain(pages: list[bytes]) -> None:
    """feedparser as it comes: emag puts classes of its own in place of its two parsers."""
    replaced = api.StrictFeedParser, api.LooseFeedParser
    api.StrictFeedParser, api.LooseFeedParser = (parser.__bases__[1] for parser in replaced)
    try:
        for body in pages:
            feedparser.parse(body)
    finally:
        api.StrictFeedParser, api.LooseFeedParser = replaced


def measure(sources: list[FeedSource], pages: list[bytes]) -> tuple[float, float, float]:
    """The CPU of feedparser, of a cold gather and of an unchanged one."""
    peer = cpu(lambda: plain(pages))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'emag.db'}")
        migrate.declared().create_all(database.engine)
        cold = cpu(lambda: gather(database, sources, now=NOW))
        unchanged = cpu(lambda: gather(database, sources, now=NOW + timedelta(hours=1)))
        database.close()
    return peer, cold, unchanged


def main() -> None:
    pages = [page(feed) for feed in range(FEEDS)]
    Site.pages = {f"/{number}": body for number, body in enumerate(pages)}
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        sources = [
            FeedSource(f"blog-{number}", f"{base}/{number}", allow_private=True)
            for number in range(FEEDS)
        ]
        measure(sources, pages)  # imports, compiled patterns
        runs = [measure(sources, pages) for _ in range(RUNS)]
        server.shutdown()
    peer, cold, unchanged = (statistics.median(figures) for figures in zip(*runs, strict=True))
    size = sum(map(len, pages)) // FEEDS
    print(f"{FEEDS} feeds of {ITEMS} items, {size:,} bytes each; CPU, the median of {RUNS} runs:")
    print(f"{'feedparser alone':<22} {peer * 1000:>8,.0f} ms")
    line("emag, cold", cold, peer, COLD)
    line("emag, unchanged", unchanged, peer, UNCHANGED)


if __name__ == "__main__":
    main()
