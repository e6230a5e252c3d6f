"""Answers for the health of a process without web pages: at a port, or in a file."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from emag.errors import EmagError
from emag.newsroom import Newsroom
from emag.settings.write import write_text
from emag.web import health, vitals

EVERY = 15.0  # seconds between two writes of the file
_TIMEOUT = 10.0  # seconds for a request

Answer = tuple[HTTPStatus, str]


@contextmanager
def answering(current: Callable[[], Newsroom], host: str, port: int) -> Iterator[int]:
    """Serves /healthz in a thread of its own. Yields the port. Raises EmagError."""
    handler = type("_Handler", (_HealthHandler,), {"look": staticmethod(partial(_look, current))})
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        reason = (error.strerror or "the system gives no reason").lower()
        raise EmagError(
            f"{host}:{port} cannot be listened on ({reason}): choose another --health-port"
        ) from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.2,), name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def writing(current: Callable[[], Newsroom], file: Path) -> Iterator[None]:
    """Writes the same answer into a file, again and again: an old file is a process that hangs."""
    ended = threading.Event()

    def write() -> None:
        while True:
            with suppress(OSError):  # a full disk; the file grows old then
                write_text(file, _look(current)[1])
            if ended.wait(EVERY):
                return

    thread = threading.Thread(target=write, name="health-file", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _look(current: Callable[[], Newsroom]) -> Answer:
    newsroom = current()
    answer = vitals.examine(newsroom)
    document = health.document(answer, newsroom.settings.publication.zone)
    return health.status(answer), json.dumps(document, ensure_ascii=False) + "\n"


class _HealthHandler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT
    look: Callable[[], Answer]

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/healthz":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        status, text = self.look()
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing: whoever asks does so every few seconds."""
