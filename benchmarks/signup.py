"""Measures sign-ups a second on the real server, beside a server that writes one row.

    .venv/bin/python benchmarks/signup.py [--posts 6000] [--connections 20]

The server is a process of its own, started as `emag serve`. Each sign-up is committed to disk with
its proof, and its confirmation is queued. The other server is a FastAPI route that writes one row
in one durable commit for each post. The form is also posted on more connections: with few, its
answers are slow on purpose.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]
TOKEN = "a-token-for-a-benchmark"
NO_LIMITS = {
    f"EMAG_SIGNUP__{name}": "0" for name in ("PER_NETWORK", "PER_DOMAIN", "PER_HOUR", "FLOOD")
}
Post = Callable[[int], bytes]


class Caller(asyncio.Protocol):
    """A connection that posts, waits for the answer, and posts again."""

    def __init__(self, numbers: Iterator[int], post: Post, times: list[float]) -> None:
        self.numbers, self.post, self.times = numbers, post, times
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.next()

    def next(self) -> None:
        number = next(self.numbers, None)
        if number is None:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(self.post(number))

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or len(body) < int(
            head.lower().split(b"content-length: ")[1].split(b"\r")[0]
        ):
            return
        assert head.split(b" ")[1] in {b"200", b"202"}, self.received
        self.times.append(time.perf_counter() - self.began)
        self.received = b""
        self.next()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self.finished.set_result(None)


async def call(url: str, numbers: range, connections: int, post: Post) -> tuple[float, list[float]]:
    """Returns the seconds of all posts together, and those of each answer, sorted."""
    server, rest = urlsplit(url), iter(numbers)
    times: list[float] = []
    assert server.hostname
    assert server.port
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    callers = []
    for _ in range(connections):
        connection = loop.create_connection(
            lambda: Caller(rest, post, times), server.hostname, server.port
        )
        callers.append((await connection)[1])
    await asyncio.gather(*(caller.finished for caller in callers))
    return time.perf_counter() - began, sorted(times)


def request(path: str, kind: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {TOKEN}\r\n"
    return f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def hook(number: int) -> bytes:
    body = {"email": f"reader{number}@example{number % 97}.org", "name": "Ann", "source": "site"}
    return request("/hooks/signup", "application/json", json.dumps(body).encode())


def form(number: int) -> bytes:
    body = f"email=reader{number}%40example{number % 97}.org&name=Ann&topics=posts".encode()
    return request("/signup", "application/x-www-form-urlencoded", body)


@contextlib.contextmanager
def served(arguments: list[str], environ: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Starts a server, and yields its address and process number."""
    server = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | environ,  # noqa: TID251 - a benchmark is an entry point
        text=True,
    )
    assert server.stdout
    try:
        output = ""
        while not output.rstrip().endswith("}"):
            output += server.stdout.readline()
        yield json.loads(output)["url"], server.pid
    finally:
        server.terminate()
        server.wait()


def cpu(pid: int) -> float:
    """Returns the user and system seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(
    name: str, server: tuple[str, int], numbers: range, connections: int, post: Post
) -> None:
    url, pid = server
    before = cpu(pid)
    took, times = asyncio.run(call(url, numbers, connections, post))
    many = len(times)
    half, most = times[many // 2] * 1e3, times[many * 99 // 100] * 1e3
    used = (cpu(pid) - before) / many * 1e6
    print(
        f"{name:34} {connections:4} connections {many / took:7,.0f}/s   50 % {half:5.1f} ms"
        f"   99 % {most:6.1f} ms   CPU {used:5.0f} µs"
    )


BARE = """
import json, socket, sqlite3, sys, uvicorn
from fastapi import FastAPI, Request
database = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
database.execute("PRAGMA journal_mode=WAL")
database.execute("PRAGMA synchronous=FULL")
database.execute("CREATE TABLE readers (email TEXT PRIMARY KEY)")
web = FastAPI()
@web.post("/hooks/signup", status_code=202)
async def sign_up(request: Request):
    database.execute("INSERT INTO readers VALUES (?)", [(await request.json())["email"]])
    return {}
listener = socket.create_server(("127.0.0.1", 0))
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(json.dumps({"url": "http://127.0.0.1:%d" % listener.getsockname()[1]}), flush=True)
uvicorn.Server(uvicorn.Config(web, log_config=None, access_log=False)).run(sockets=[listener])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=6_000)
    parser.add_argument("--connections", type=int, default=20)
    options = parser.parse_args()
    posts, connections = options.posts, options.connections
    with tempfile.TemporaryDirectory() as place:
        folder, environ = Path(place) / "crier", {"EMAG_SIGNUP_TOKEN": TOKEN, **NO_LIMITS}
        emag = ["-m", "emag", "--dir", str(folder)]
        init = [sys.executable, *emag[:2], "init", str(folder)]
        subprocess.run(init, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        with served([*emag, "--json", "serve", "--no-engine", "--port", "0"], environ) as server:
            # The first posts are slower, and not counted.
            asyncio.run(call(server[0], range(-500, 0), connections, hook))
            rounds = [("webhook", connections, hook), ("form", connections, form)]
            rounds.append(("form", connections * 10, form))
            for number, (name, many, post) in enumerate(rounds):
                numbers = range(number * posts, (number + 1) * posts)
                measure(f"emag, {name}", server, numbers, many, post)
        with contextlib.closing(sqlite3.connect(folder / "emag.db")) as database:
            for table in ("subscribers", "consents", "letters"):
                written = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                assert written == 500 + posts * len(rounds), (table, written)
        with served(["-c", BARE, str(Path(place) / "bare.db")], {}) as server:
            measure("one row in FastAPI, nothing proved", server, range(posts), connections, hook)


if __name__ == "__main__":
    main()
