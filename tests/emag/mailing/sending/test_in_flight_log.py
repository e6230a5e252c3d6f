"""What was on the wire, read back after the one who wrote it is dead."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emag.mailing.delivery import Outcome
from emag.mailing.sending import ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.claims import claim
from emag.mailing.sending.in_flight_log import InFlightLog, State, place, read_states
from emag.mailing.sending.run import LEASE

ROOT = Path(__file__).parents[4]
W, L, T = State.WAITS, State.LEAVES, State.TAKEN


@pytest.fixture
def path(tmp_path):
    return place(tmp_path, "host/boot/ns/1/2/0a1b2c3d")


def test_each_message_has_a_state(path):
    book = InFlightLog(path, 2)
    book.begin(0, [11, 12, 13, 14])
    book.begin(1, [21])
    book.recorder(0)(0, None)
    book.recorder(0)(0, Outcome.ACCEPTED)
    book.recorder(0)(1, None)
    book.recorder(0)(1, Outcome.REFUSED)
    book.recorder(0)(2, None)
    assert read_states(path) == {11: T, 12: W, 13: L, 14: W, 21: W}
    book.begin(0, [15])
    assert read_states(path) == {15: W, 21: W}
    book.close()
    assert read_states(path) is None, "nothing is known, which is not the same as nothing happened"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.ACCEPTED, T),
        (Outcome.REFUSED, W),
        (Outcome.DEFERRED, W),
        (Outcome.UNSENT, W),
        (Outcome.DOUBTFUL, L),
    ],
)
def test_what_an_outcome_leaves(path, outcome, state):
    book = InFlightLog(path, 1)
    book.begin(0, [1])
    book.recorder(0)(0, None)
    book.recorder(0)(0, outcome)
    assert book.states() == {1: state}
    book.close()


def test_two_never_share_one(path):
    book = InFlightLog(path, 1)
    with pytest.raises(FileExistsError):
        InFlightLog(path, 1)
    book.close()


def test_it_outlives_its_writer(path):
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from emag.mailing.sending.in_flight_log import InFlightLog;"
        "log = InFlightLog(Path(sys.argv[1]), 4); log.begin(3, [7, 8]); log.recorder(3)(0, None);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    assert read_states(path) == {7: L, 8: W}
    path.unlink()


@pytest.fixture
def number(database, approved, readers, clock):
    readers(5)
    number = approved()
    address(database, number, now=clock(), by="ann")
    return number


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({1: T, 2: L, 3: W}, {"accepted": 1, "doubtful": 1, "queued": 3}),
        ({}, {"queued": 5}),
        (None, {"doubtful": 4, "queued": 1}),
    ],
)
def test_only_what_was_on_the_wire_is_in_doubt(database, number, clock, states, expected):
    with database.transaction() as conn:
        claim(conn, number, worker="dead", limit=4, lease=LEASE, now=clock())
        ledger.give_up(conn, number, {"dead": states}, now=clock())
        counts = ledger.counts(conn, number)
        again = claim(conn, number, worker="next", limit=9, lease=LEASE, now=clock())
    assert {k: v for k, v in counts.items() if v and k != "planned"} == expected
    assert len(again) == expected["queued"], "what had not left goes out"


def test_nobody_elses_claims_are_touched(database, number, clock):
    with database.transaction() as conn:
        claim(conn, number, worker="dead", limit=2, lease=LEASE, now=clock())
        claim(conn, number, worker="alive", limit=2, lease=LEASE, now=clock())
        ledger.give_up(conn, number, {"dead": {3: T, 4: L}}, now=clock())
        counts = ledger.counts(conn, number)
    assert (counts["inflight"], counts["queued"], counts["doubtful"]) == (2, 3, 0)
