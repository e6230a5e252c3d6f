"""Measures how long asking sixty links takes of which half are dead, slow, or hang.

    .venv/bin/python benchmarks/links.py

A site on this machine answers after a tenth of a second. Of the sixty addresses ten are missing
pages, five are at a port that refuses, five have names that nobody knows, five have names that a
name server is silent about, five answer after a second, and ten hang. The name server of the
sending domain is silent too. The limit is 5 s, with everything that emag reads and writes.
"""

import socket
import tempfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import send

from emag import bootstrap
from emag.checks.outside import Outside
from emag.content.links import link_store
from emag.content.sources.links import WebLinks
from emag.desk import outside
from emag.domain import DomainFinding
from emag.network import NetworkAccess

DELAY, SLOW = 0.1, 1.0  # seconds
LIMIT = 5  # seconds
NEVER = threading.Event()
COUNTS = {"page": 20, "dead": 10, "refused": 5, "unknown": 5, "silent": 5, "slow": 5, "hangs": 10}


class Site(BaseHTTPRequestHandler):
    """Answers 404 for a path with “dead”, late for one with “slow”, never for one with “hangs”."""

    def do_HEAD(self) -> None:
        if "hangs" in self.path:
            NEVER.wait(60)
        time.sleep(SLOW if "slow" in self.path else DELAY)
        self.send_response(404 if "dead" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Says nothing of those who hang up."""


def names(host: str, _port: int) -> list[str]:
    """A resolver that does not know some names, and is silent about others."""
    if host.startswith("silent"):
        NEVER.wait(60)
    if host.startswith("unknown"):
        raise socket.gaierror(socket.EAI_NONAME, "no such name")
    return ["127.0.0.1"]


def silent_domain() -> list[DomainFinding]:
    NEVER.wait(60)
    return []


def addresses(port: int) -> list[str]:
    """The hanging ones come first, and all of the site's pages have one host."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = unused.getsockname()[1]
    hosts = {"refused": f"127.0.0.1:{closed}", "unknown": "unknown{}.org", "silent": "silent{}.org"}
    kinds = [(kind, n) for kind in reversed(COUNTS) for n in range(COUNTS[kind])]
    usual = f"127.0.0.1:{port}"
    return [f"http://{hosts.get(kind, usual).format(n)}/{kind}{n}" for kind, n in kinds]


def main() -> None:
    server = Server(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    wanted = addresses(server.server_address[1])
    with tempfile.TemporaryDirectory() as folder:
        settings = send.settings_of(Path(folder), 1)
        database = bootstrap.connect(settings)
        bootstrap.upgrade(database)
        network = NetworkAccess(allow_private=True, addresses=names)
        asker = Outside(WebLinks(base_url=settings.base_url, network=network), silent_domain)
        start, cpu = time.perf_counter(), time.process_time()
        within = outside.SOON
        outside.ask_addresses(
            database, settings, asker, wanted, now=send.now(), within=within, is_urgent=True
        )
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        with database.reading() as conn:
            answers = link_store.newest(conn, wanted)
        database.close()
    print(f"{len(wanted)} links, asked in {seconds:.2f} s (limit {LIMIT} s), CPU {cpu:.2f} s:")
    for kind, count in COUNTS.items():
        states = Counter(link.answer.state for url, link in answers.items() if f"/{kind}" in url)
        print(f"  {count:>2} {kind:<8} " + ", ".join(f"{n} {state}" for state, n in states.items()))


if __name__ == "__main__":
    main()
