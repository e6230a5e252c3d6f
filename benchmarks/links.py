"""Measures how long asking the links of an issue takes, dead and slow ones among them.

    .venv/bin/python benchmarks/links.py [--links N]

A site on this machine answers each request after a tenth of a second. One link in ten is dead, and
one hangs until the time is over. The limit is 5 s for 60 links.
"""

import argparse
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from emag.content.links.link import LinkState
from emag.content.sources.links import WebLinks
from emag.desk.outside import SOON
from emag.network import NetworkAccess

DELAY, HANGS = 0.1, 10.0  # seconds
LIMIT = timedelta(seconds=5)


class Site(BaseHTTPRequestHandler):
    """Answers 404 for a path with “dead”, and late for one with “slow”."""

    def do_HEAD(self) -> None:
        time.sleep(HANGS if "slow" in self.path else DELAY)
        self.send_response(404 if "dead" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 - the library's name

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, default=60)
    count = parser.parse_args().links
    server = Server(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_address[1]}"
    kinds = ["dead" if number % 10 == 0 else "page" for number in range(count - 1)]
    addresses = [f"{base}/{kind}/{number}" for number, kind in enumerate(kinds)]
    addresses.append(f"{base}/slow")
    links = WebLinks(base_url="https://example.org", network=NetworkAccess(allow_private=True))
    start, cpu = time.perf_counter(), time.process_time()
    answers = links.ask(addresses, within=SOON)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    dead = sum(answer.state is LinkState.DEAD for answer in answers)
    print(f"{len(addresses)} links, {kinds.count('dead')} dead and one that hangs:")
    print(
        f"{dead} dead found in {seconds:.2f} s (limit {LIMIT.total_seconds():g} s), CPU {cpu:.2f} s"
    )
    quick = [address for address in addresses if "slow" not in address]
    start = time.perf_counter()
    links.ask(quick, within=SOON)
    print(f"without the one that hangs: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
