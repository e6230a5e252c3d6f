"""kill -9 in the middle of a sending: nobody has two copies, and what is doubtful is named."""

import json
import os
import random
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
from emag.mailing.sending.delivery_queue import LEASE
from emag.press.document import Document
from tests.conftest import SECRET

ROOT = Path(__file__).parents[4]
READERS = 1_000
CONNECTIONS = 4
DOCUMENT = Document("No. 1", "", "<p>[[greeting]] [[unsubscribe_url]]</p>", "[[unsubscribe_url]]")


@pytest.fixture
def sender(folder, database):
    """Starts a sender; it is killed at the end if it still runs."""

    @contextmanager
    def sender(number, port):
        environ = {k: v for k, v in os.environ.items() if not k.startswith("EMAG_")}
        environ |= {"EMAG_SECRET_KEY": SECRET, "EMAG_TRANSPORT__CONNECTIONS": str(CONNECTIONS)}
        url = database.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.emag.mailing.send_once"]
        process = subprocess.Popen(
            [*command, str(folder), url, str(port), str(number)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout.readline() == "sending\n"
            yield process
            process.kill()

    return sender


def wait_for(server, more):
    """Until the server has so many more, or nothing came for a while."""
    wanted, until = len(server.received) + more, time.monotonic() + 60
    while len(server.received) < wanted and time.monotonic() < until:
        time.sleep(0.001)


def test_nobody_has_two_copies_after_kill_9(database, approved, readers, clock, relay, sender):
    readers(READERS)
    number = approved(DOCUMENT)
    server = relay(delay=0.001)
    assert address(database, number, now=clock(), by="ann") == READERS
    chance = random.Random()
    kills = 3
    for _ in range(kills):
        with sender(number, server.port) as process:
            wait_for(server, chance.randrange(30, 250))
            time.sleep(chance.random() / 50)
            process.kill()
    with sender(number, server.port) as process:
        counts = json.loads(process.stdout.readline())
        assert process.wait(20) == 0

    copies = Counter(server.recipients)
    assert max(copies.values()) == 1, "somebody has two copies"
    summed = sum(counts[name.value] for name in ledger.DeliveryStatus)
    assert counts["planned"] == summed == READERS
    assert {k for k, v in counts.items() if v} <= {"planned", "accepted", "doubtful"}
    assert counts["doubtful"] <= kills * CONNECTIONS, "more than was on the wire"
    with database.reading() as conn:
        assert store.get(conn, number).status is Status.SENT
        accepted = {e.address for e in ledger.listing(conn, number, status="accepted")}
        doubtful = {e.address for e in ledger.listing(conn, number, status="doubtful")}
    assert accepted <= set(copies), "accepted and not taken"
    assert set(copies) <= accepted | doubtful, "taken and not accounted for"
    assert len(doubtful) == counts["doubtful"]


def test_a_dead_sender_of_this_machine_is_given_up_at_once(
    folder, database, approved, readers, clock, relay, sender
):
    """The restarted one need not wait until a lease is over."""
    readers(60)
    number = approved(DOCUMENT)
    # After five messages each connection has one that is on the wire, and never answered.
    server = relay(faults={"answer": lambda _, count: "hang" if count > 5 else None})
    address(database, number, now=clock(), by="ann")
    with sender(number, server.port) as process:
        wait_for(server, 5 + CONNECTIONS)
        process.kill()
    began = time.monotonic()
    server.faults.clear()
    with sender(number, server.port) as process:
        counts = json.loads(process.stdout.readline())
    assert time.monotonic() - began < LEASE.total_seconds() / 2
    assert counts["inflight"] == counts["queued"] == 0
    assert counts["doubtful"] == CONNECTIONS
    assert list(folder.glob(".emag-*")) == []
