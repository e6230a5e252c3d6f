"""Workers on one PostgreSQL come and go in mid-send: every reader has one outcome."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from emag.issues import store
from emag.issues.issue import Status
from emag.mailing.sending import ledger
from emag.mailing.sending.address import address
from emag.press.document import Document
from tests.conftest import SECRET

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[4]
READERS = 2_000
CONNECTIONS = 4
BATCH = 8  # messages of a group, at most
DOCUMENT = Document("No. 1", "", "<p>[[greeting]] [[unsubscribe_url]]</p>", "[[unsubscribe_url]]")
TOML = """
[publication]
title = "The Town Crier"
sender = "The Town Crier <crier@example.org>"
[transport]
kind = "smtp"
host = "127.0.0.1"
port = {port}
security = "none"
connections = {connections}
"""


@pytest.fixture
def database(server, upgraded_template):
    with server.database(upgraded_template) as database:
        yield database


@pytest.fixture
def sender(folder, database):
    """Starts a sender, whose clock is so many seconds off; killed at the end."""

    @contextmanager
    def sender(number, port, off):
        url = database.url.render_as_string(hide_password=False)
        words = map(str, (folder, url, port, number, off))
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.emag.mailing.send_once", *words],
            cwd=ROOT,
            env=environment(EMAG_TRANSPORT__CONNECTIONS=str(CONNECTIONS)),
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                assert process.stdout.readline() == "sending\n"
                yield process
            finally:
                process.kill()

    return sender


def environment(**variables):
    environ = {k: v for k, v in os.environ.items() if not k.startswith("EMAG_")}
    return environ | {"EMAG_SECRET_KEY": SECRET} | variables


@pytest.fixture
def worker(folder, database, relay):
    """Starts `emag worker`, which sends to the server at `relay.port`; killed at the end."""

    @contextmanager
    def worker(port, **variables):
        (folder / "emag.toml").write_text(TOML.format(port=port, connections=CONNECTIONS))
        url = database.url.render_as_string(hide_password=False)
        environ = {"EMAG_DATABASE_URL": url, "EMAG_ENGINE": "procrastinate"} | variables
        process = subprocess.Popen(
            [sys.executable, "-m", "emag", "worker", "--dir", str(folder)],
            cwd=ROOT,
            env=environment(**environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                line = process.stdout.readline()
                assert "a worker runs" in line, line
                yield process
            finally:
                process.kill()

    return worker


def wait_for(condition, seconds=90.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.005)
    return False


def at_work(database, number):
    """The processes that hold something of the issue."""
    with database.reading() as conn:
        return {name.rsplit("/", 3)[1] for name in ledger.workers(conn, number)}


def status(database, number):
    with database.reading() as conn:
        return store.get(conn, number).status


def test_workers_come_and_go(database, approved, readers, clock, relay, worker):
    """Two send; one is killed, one asked to stop, others take over."""
    readers(READERS)
    number = approved(DOCUMENT)
    server = relay(delay=0.05)
    assert address(database, number, now=clock(), by="ann") == READERS
    chance = random.Random()
    kills = 0
    with worker(server.port) as first, worker(server.port) as second:
        both = {str(first.pid), str(second.pid)}
        assert wait_for(lambda: at_work(database, number) == both), "they do not share the issue"
        time.sleep(chance.random() / 5)
        first.kill()
        kills += 1
        with worker(server.port) as third:
            assert wait_for(lambda: str(third.pid) in at_work(database, number))
            time.sleep(chance.random() / 5)
            second.send_signal(signal.SIGTERM)
            _, err = second.communicate(timeout=60)
            assert second.returncode == 0, err
            assert str(second.pid) not in at_work(database, number), "it kept what it had claimed"
            received = len(server.received)
            assert received < READERS, "it was over before anybody went"
            third.kill()
            kills += 1
            third.wait()
            server.delay = 0.0
            with worker(server.port):
                assert wait_for(lambda: status(database, number) is Status.SENT, seconds=60)

    copies = Counter(server.recipients)
    assert max(copies.values()) == 1, "somebody has two copies"
    with database.reading() as conn:
        counts = ledger.counts(conn, number)
        accepted = {e.address for e in ledger.listing(conn, number, status="accepted")}
        doubtful = {e.address for e in ledger.listing(conn, number, status="doubtful")}
    assert counts["planned"] == counts["accepted"] + counts["doubtful"] == READERS
    assert counts["doubtful"] <= kills * CONNECTIONS, "more than was on the wire"
    assert accepted <= set(copies), "accepted and not taken"
    assert set(copies) <= accepted | doubtful, "taken and not accounted for"


def test_a_worker_that_is_asked_to_leave_leaves_nothing_behind(
    database, approved, readers, clock, relay, worker
):
    """What it has not put on the wire is anybody's at once, and what it has is known."""
    readers(600)
    number = approved(DOCUMENT)
    server = relay(delay=0.02)
    address(database, number, now=clock(), by="ann")
    with worker(server.port) as only:
        assert wait_for(lambda: len(server.received) > 40)
        only.send_signal(signal.SIGTERM)
        _, err = only.communicate(timeout=60)
        assert only.returncode == 0, err
    with database.reading() as conn:
        counts = ledger.counts(conn, number)
        accepted = {e.address for e in ledger.listing(conn, number, status="accepted")}
    assert 40 < counts["accepted"] < 600
    assert counts["queued"] == 600 - counts["accepted"], counts
    assert accepted == set(server.recipients)


def test_the_database_is_away_in_mid_send(
    database, approved, readers, clock, relay, worker, server
):
    """As when PostgreSQL is started anew: every connection is cut, and none is let in."""
    readers(600)
    number = approved(DOCUMENT)
    mail = relay(delay=0.02)
    address(database, number, now=clock(), by="ann")
    with worker(mail.port) as only:
        assert wait_for(lambda: len(mail.received) > 40)
        with server.away(database):
            observed = len(mail.received)
            time.sleep(3)
            assert len(mail.received) - observed <= CONNECTIONS * BATCH, (
                "sent without writing it down"
            )
        assert wait_for(lambda: status(database, number) is Status.SENT, seconds=60)
        assert only.poll() is None
    with database.reading() as conn:
        counts = ledger.counts(conn, number)
    assert counts["planned"] == counts["accepted"] == 600, counts
    assert Counter(mail.recipients).most_common(1)[0][1] == 1
    assert len(mail.received) == 600


def test_the_rate_holds_for_all_workers_together(database, approved, readers, clock, relay, worker):
    """Each for itself, two would send twice as fast."""
    rate, messages = 100, 600
    readers(messages)
    number = approved(DOCUMENT)
    server = relay()
    environ = {"EMAG_TRANSPORT__RATE": str(rate)}
    with worker(server.port, **environ) as first, worker(server.port, **environ) as second:
        assert address(database, number, now=clock(), by="ann") == messages
        assert wait_for(lambda: len(server.received) > 0)
        began, observed = time.monotonic(), set()
        while status(database, number) is not Status.SENT:
            observed |= at_work(database, number)
            assert time.monotonic() - began < 120
            time.sleep(0.02)
        took = time.monotonic() - began
    assert observed == {str(first.pid), str(second.pid)}
    assert took > messages / rate * 0.8
    assert Counter(server.recipients).most_common(1)[0][1] == 1


@pytest.mark.parametrize("off", [300, -300])
def test_a_clock_that_is_five_minutes_off_costs_nobody_a_copy(
    database, approved, readers, clock, relay, sender, off
):
    """One takes the other's leases to be over; the other knows best what came of them."""
    readers(READERS)
    number = approved(DOCUMENT)
    server = relay(delay=0.05)
    address(database, number, now=clock(), by="ann")
    first, second = sorted((0, off))
    with sender(number, server.port, first) as behind:
        assert wait_for(lambda: len(server.received) > 10)
        with sender(number, server.port, second) as ahead:
            both = {str(behind.pid), str(ahead.pid)}
            assert wait_for(lambda: at_work(database, number) == both), "they do not share it"
            server.delay = 0.002
            assert (behind.wait(60), ahead.wait(60)) == (0, 0)
    with database.reading() as conn:
        counts = ledger.counts(conn, number)
    assert counts["planned"] == counts["accepted"] == READERS, counts
    assert len(server.received) == len(set(server.recipients)) == READERS
    assert status(database, number) is Status.SENT
