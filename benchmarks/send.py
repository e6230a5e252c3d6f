"""How fast an issue leaves: all database writes included, beside plain smtplib, to a sink of ours.

    .venv/bin/python benchmarks/send.py [--readers 5000] [--html 60000] [--connections 4]

Both senders and the sink run on this machine; the sink is a process of its own. CPU is what the
sending process used, user and system; it tells more than messages a second on a shared machine.
"""

import argparse
import asyncio
import resource
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import SQLModel

from emag.content import tables as _content  # noqa: F401 - its rows are part of the database
from emag.database import Database
from emag.issues import store
from emag.issues.issue import Frozen, Issue, Move, Status
from emag.mailing import deliver
from emag.mailing.address import address
from emag.mailing.copies import of_document
from emag.mailing.transports.smtp import SmtpTransport
from emag.press.document import Document
from emag.settings import Settings, load
from subscribers.roll import Reader
from subscribers.tables import Subscriber
from subscribers.tokens import Keys

SECRET = "a-secret-for-a-benchmark-0123456789abcdef"
TOML = '[publication]\ntitle = "The Town Crier"\nsender = "The Town Crier <crier@example.org>"\n'
WORDS = "Councils up and down the country are looking for people who can write plainly. "


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a benchmark is a door


# --- The sink --------------------------------------------------------------------------------


class Sink(asyncio.Protocol):
    """Takes everything, reads nothing of it, and answers as fast as it can."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport, self.heard, self.in_text = transport, bytearray(), False
        self.looked = 0
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        replies = []
        while True:
            if self.in_text:
                end = self.heard.find(b"\r\n.\r\n", max(0, self.looked - 5))
                if end < 0:
                    self.looked = len(self.heard)
                    break
                del self.heard[: end + 5]
                self.in_text, self.looked = False, 0
                Sink.taken += 1
                replies.append(b"250 taken\r\n")
            line, found, _ = self.heard[:1000].partition(b"\r\n")
            if not found:
                break
            del self.heard[: len(line) + 2]
            replies.append(self.reply(bytes(line[:4]).upper()))
        self.transport.write(b"".join(replies))

    def reply(self, word: bytes) -> bytes:
        if word == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250 SIZE 50000000\r\n"
        self.in_text = word == b"DATA"
        if self.in_text:
            return b"354 go\r\n"
        return b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n"


async def sink() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(Sink.taken, flush=True)


@contextmanager
def sunk(expected: int) -> Iterator[int]:
    """A sink's port; afterwards it must have taken as many as expected."""
    command = [sys.executable, __file__, "--sink"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield int(process.stdout.readline())
        taken = int(process.communicate()[0])
    assert taken == expected, f"the sink has {taken} of {expected}"


# --- The senders -----------------------------------------------------------------------------


def document(size: int) -> Document:
    """HTML of about so many bytes in paragraphs, with a name and two links of the reader's own."""
    paragraph = f'<p style="margin:0 0 12px;color:#1d2321">{WORDS * 4}</p>\n'
    links = '<a href="[[unsubscribe_url]]">Leave</a> <a href="[[preferences_url]]">Change</a>'
    body = f"<h1>[[greeting]]</h1>{paragraph * (size // len(paragraph))}{links}"
    text = f"[[greeting]]\n\n{WORDS * (size // 400)}\n\n[[unsubscribe_url]]\n[[preferences_url]]\n"
    return Document("New on the blog – 5 March", "", f"<!DOCTYPE html><html>{body}</html>", text)


def issue(database: Database, printed: Document, readers: int) -> int:
    rows = [
        {
            "ref": f"reference-{n:012d}",
            "address": f"reader{n}@example.net",
            "key": f"reader{n}@example.net",
            "name": f"Reader {n}",
            "status": "active",
            "topics": [],
            "since": now(),
            "joined_at": now(),
            "ask": 0,
            "open": False,
            "soft": 0,
        }
        for n in range(readers)
    ]
    with database.transaction() as conn:
        conn.execute(insert(Subscriber), rows)
        drafted = Issue(0, Status.DRAFT, printed.subject, None, now(), None, "2026-03-05")
        number = store.add(conn, drafted, []).number
        frozen = Frozen(printed.subject, "", printed.html, printed.text, printed.hash)
        store.freeze(conn, number, frozen)
        store.move(conn, number, Move.APPROVE, now=now())
    return number


def by_emag(folder: Path, settings: Settings, printed: Document, readers: int) -> None:
    database = Database(f"sqlite:///{folder / 'emag.db'}")
    SQLModel.metadata.create_all(database.engine)
    number = issue(database, printed, readers)
    with sunk(readers) as port, timed("emag, all recorded", readers):
        address(database, number, now=now())
        transport = SmtpTransport("127.0.0.1", port, "none")
        counts = deliver.deliver(
            database, number, transport=transport, settings=settings, keys=Keys(SECRET), now=now
        )
        transport.close()
    assert counts["accepted"] == readers
    database.close()


def by_smtplib(settings: Settings, printed: Document, readers: int) -> None:
    """The same bytes from memory, by smtplib's sendmail in as many threads; nothing recorded."""
    copies = of_document(1, printed, settings, Keys(SECRET))
    message = copies.message(1, Reader(1, "reference", "reader1@example.net", "Ann"), now=now())
    wire, each = message.wire(), readers // settings.transport.connections

    def work(port: int) -> None:
        with smtplib.SMTP("127.0.0.1", port, "localhost") as client:
            for _ in range(each):
                client.sendmail(message.sender, [message.recipient], wire)

    total = each * settings.transport.connections
    with sunk(total) as port, timed("smtplib, nothing recorded", total):
        threads = [
            threading.Thread(target=work, args=(port,))
            for _ in range(settings.transport.connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def by_hand(settings: Settings, printed: Document, readers: int) -> None:
    """What the messages alone cost, made and thrown away."""
    copies = of_document(1, printed, settings, Keys(SECRET))
    at = now()
    with timed("making the messages", readers):
        for n in range(readers):
            reader = Reader(n, f"reference-{n}", f"reader{n}@example.net", f"Reader {n}")
            copies.message(n, reader, now=at).wire()


@contextmanager
def timed(what: str, messages: int) -> Iterator[None]:
    wall, cpu = time.monotonic(), used()
    yield
    wall, cpu = time.monotonic() - wall, used() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{what:<28}{messages / wall:>10,.0f}{cpu / messages * 1e6:>12,.0f}{peak:>12,.0f}")


def used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(readers: int, size: int, connections: int) -> None:
    printed = document(size)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "emag.toml").write_text(TOML)
        environ = {
            "EMAG_SECRET_KEY": SECRET,
            "EMAG_BASE_URL": "https://mail.example.org",
            "EMAG_TRANSPORT__CONNECTIONS": str(connections),
        }
        settings = load(folder, environ)
        print(f"{readers:,} readers, {size:,} bytes of HTML, {connections} connections")
        print(f"{'':<28}{'messages/s':>10}{'CPU µs each':>12}{'peak MB':>12}")
        runs: list[Callable[[], None]] = [
            lambda: by_emag(folder, settings, printed, readers),
            lambda: by_smtplib(settings, printed, readers),
            lambda: by_hand(settings, printed, readers),
        ]
        for run in runs:
            run()


if __name__ == "__main__":
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--readers", type=int, default=5_000)
    told.add_argument("--html", type=int, default=60_000)
    told.add_argument("--connections", type=int, default=4)
    told.add_argument("--sink", action="store_true", help=argparse.SUPPRESS)
    wanted = told.parse_args()
    if wanted.sink:
        asyncio.run(sink())
    else:
        main(wanted.readers, wanted.html, wanted.connections)
