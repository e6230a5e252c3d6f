"""Attacks on the real `emag serve`: /healthz goes on answering, and sending goes on."""

import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from emag.web.bodies import LARGEST, SLOTS

ROOT = Path(__file__).parents[3]
PATIENCE = 5  # seconds: an attack that works stops the answers for as long as it lasts
FORM = "multipart/form-data; boundary=x"


WATCHER = """
import http.client, json, select, sys, time
answers = []
while not select.select([sys.stdin], [], [], 0.02)[0]:
    began = time.monotonic()
    try:
        asker = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=20)
        asker.request("GET", "/healthz")
        status = asker.getresponse().status
        asker.close()
    except Exception as error:
        status = repr(error)
    answers.append((status, time.monotonic() - began))
    if len(answers) == 1:
        print("ready", flush=True)
print(json.dumps(answers))
"""


class Server:
    """A running `emag serve`, and how it does."""

    def __init__(self, process, url, folder):
        self.process, self.url, self.folder = process, url, folder
        self.port = int(url.rpartition(":")[2])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def memory(self):
        """Megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024

    def descriptors(self):
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def log(self):
        return (self.folder / "serve.log").read_text()

    @contextmanager
    def watched(self):
        """Another process asks /healthz all the time, each time on a new connection."""
        watcher = subprocess.Popen(
            [sys.executable, "-c", WATCHER, str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert watcher.stdout.readline() == "ready\n"
        try:
            yield
        finally:
            answers = json.loads(watcher.communicate("over\n", timeout=30)[0])
        assert {status for status, _ in answers} == {200}
        # One slow answer may be the machine's. An attack that works makes all of them slow.
        seconds = sorted(seconds for _, seconds in answers)
        usual = seconds[len(seconds) * 9 // 10]
        assert usual < PATIENCE, f"/healthz took {usual:.2f} s, and up to {seconds[-1]:.2f} s"

    def posted(self):
        return len(list((self.folder / "outbox").glob("*.eml")))

    def mail_goes_on(self):
        """A confirmation is sent by this process while the attack lasts."""
        before = self.posted()
        data = {"email": f"reader{time.monotonic_ns()}@example.org"}
        assert httpx.post(f"{self.url}/signup", data=data, timeout=20).status_code == 200
        until = time.monotonic() + 60
        while self.posted() == before:
            assert time.monotonic() < until, "nothing was sent"
            time.sleep(0.05)


@pytest.fixture
def serve(publication):
    """Starts the server with as many file descriptors as are named."""

    @contextmanager
    def serve(descriptors=1024, **environ):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        with (publication / "serve.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "emag", "serve", "--port", "0", "--json"],
                cwd=ROOT,
                env=os.environ | {"EMAG_DIR": str(publication)} | environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                preexec_fn=limit,  # noqa: PLW1509 - nothing else runs in this process yet
            )
            lines = []
            while not lines or lines[-1] != "}\n":
                lines.append(process.stdout.readline())
                assert lines[-1], (publication / "serve.log").read_text()
            server = Server(process, json.loads("".join(lines))["url"], publication)
            try:
                httpx.get(f"{server.url}/healthz", timeout=20)
                yield server
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=20)
            finally:
                process.kill()
                process.communicate()

    return serve


@pytest.fixture(autouse=True)
def room_for_clients():
    """The attacker needs file descriptors, too."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(limits[1], 8192), limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize(
    ("descriptors", "beginning"), [(256, b""), (1024, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")]
)
def test_unfinished_headers(serve, beginning, descriptors):
    with serve(descriptors) as server, ExitStack() as stack, server.watched():
        for _ in range(1_100):
            stack.enter_context(server.connect()).send(beginning)
        server.mail_goes_on()
        assert server.descriptors() < descriptors * 0.75
        # A visitor who keeps a connection is served on it, too.
        with httpx.Client(base_url=server.url, timeout=20) as client:
            for _ in range(5):
                assert client.get("/signup").status_code == 200
    assert len(server.log()) < 20_000
    assert "Too many open files" not in server.log()


def test_slow_bodies(serve):
    head = b"POST /hooks/signup HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n{"
    with serve() as server, ExitStack() as stack, server.watched():
        for _ in range(1_100):
            stack.enter_context(server.connect()).send(head)
        server.mail_goes_on()


def test_answers_that_nobody_reads(serve):
    ask = b"GET /signup HTTP/1.1\r\nHost: x\r\n\r\n"
    with serve() as server, ExitStack() as stack, server.watched():
        for _ in range(1_100):
            stack.enter_context(server.connect()).send(ask)
        server.mail_goes_on()


@pytest.fixture
def with_a_key(publication):
    """Reports of Mailgun are taken, so that hooks read their bodies."""
    return {"EMAG_MAILGUN_SIGNING_KEY": "key-for-the-tests-of-attacks"}


def test_many_large_bodies(serve, with_a_key):
    """150 hooks send 4.8 MB each, and never the last octet."""
    size, piece = 4_800_000, b" " * 100_000
    head = f"POST /hooks/feedback/mailgun HTTP/1.1\r\nHost: x\r\nContent-Length: {size + 1}\r\n\r\n"
    with serve(**with_a_key) as server, ExitStack() as stack:
        before = server.memory()
        with server.watched():
            senders = []
            for _ in range(150):
                sender = stack.enter_context(server.connect())
                sender.send(head.encode())
                senders.append(sender)
            for _ in range(size // len(piece)):
                for sender in senders[:]:
                    try:
                        sender.sendall(piece)
                    except OSError:
                        senders.remove(sender)
            server.mail_goes_on()
            grown = server.memory() - before
        assert grown < 2 * SLOTS * LARGEST / 1e6 + 60, f"{grown:.0f} MB more"
        body = b"{}"
        answer = httpx.post(f"{server.url}/hooks/feedback/mailgun", content=body, timeout=20)
        assert answer.status_code == 403  # there is room for an honest one, which is unsigned


def part(head, value=b"%s"):
    return b"--x\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + value + b"\r\n"


PUNYCODE = [
    (f"{FORM}; charset=punycode", part(b'name="email"') + b"--x--\r\n"),
    (FORM, part(b"name=email\r\nContent-Type: text/plain; charset=punycode") + b"--x--\r\n"),
    (FORM, part(b'name="_charset_"', b"punycode") + part(b'name="email"') + b"--x--\r\n"),
    ("application/x-www-form-urlencoded; charset=punycode", b"email=%s"),
    ("application/x-www-form-urlencoded", b"email=%s"),
    (FORM, b"--x\r\n" * 9_000 + b"%s"),
]


def test_forms_that_cost_time(serve):
    with serve() as server:
        over, statuses = threading.Event(), set()

        def post():
            with httpx.Client(base_url=server.url, timeout=20) as client:
                for kind, body in PUNYCODE * 1_000:
                    content = body.replace(b"%s", b"9" * (65_000 - len(body)))
                    for path in ("/signup", "/preferences/x"):
                        answer = client.post(path, content=content, headers={"Content-Type": kind})
                        statuses.add(answer.status_code)
                        if over.is_set():
                            return

        threads = [threading.Thread(target=post) for _ in range(6)]
        with server.watched():
            for thread in threads:
                thread.start()
            time.sleep(2.5)
            over.set()
            for thread in threads:
                thread.join()
        assert 400 in statuses
        assert statuses <= {200, 400, 404, 413, 422}


def test_a_header_block_over_64_kb_is_refused(serve):
    with serve() as server:
        for head in (
            b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000,
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-Y: abcdefgh\r\n" * 6_000,
            b"GET /" + b"a" * 70_000,
        ):
            with server.connect() as connection:
                connection.sendall(head)
                answer = connection.makefile("rb").read()
            assert answer.startswith(b"HTTP/1.1 431 "), answer[:200]
        with server.connect() as connection:
            connection.sendall(b"GET /robots.txt HTTP/1.1\r\nX: " + b"a" * 60_000 + b"\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_lack_of_descriptors_is_one_line(serve):
    """Even if something else takes all file descriptors."""
    with serve(256) as server:
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (24, 256))
        with ExitStack() as stack:
            for _ in range(60):
                stack.enter_context(server.connect()).send(b"GET ")
            time.sleep(2.2)  # it tries again each second
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (256, 256))
        assert httpx.get(f"{server.url}/signup", timeout=20).status_code == 200
    assert server.log().count("No connection can be accepted") == 1
    assert len(server.log()) < 20_000
