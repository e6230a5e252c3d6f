"""The in-flight log, read after the process that wrote it has died."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emag.mailing.delivery import Outcome
from emag.mailing.sending import ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.claims import claim
from emag.mailing.sending.delivery_queue import LEASE
from emag.mailing.sending.in_flight_log import InFlightLog, WireProgress, path_for, read_file

ROOT = Path(__file__).parents[4]
N, L, A = WireProgress.NOT_SENT, WireProgress.LEAVING, WireProgress.ACCEPTED


@pytest.fixture
def path(tmp_path):
    return path_for(tmp_path, "host/boot/ns/1/2/0a1b2c3d")


def test_it_holds_the_progress_of_each_message(path):
    log = InFlightLog(path, 2)
    log.begin(0, [11, 12, 13, 14])
    log.begin(1, [21])
    log.recorder(0)(0, None)
    log.recorder(0)(0, Outcome.ACCEPTED)
    log.recorder(0)(1, None)
    log.recorder(0)(1, Outcome.REFUSED)
    log.recorder(0)(2, None)
    assert read_file(path) == {11: A, 12: N, 13: L, 14: N, 21: N}
    log.begin(0, [15])
    assert read_file(path) == {15: N, 21: N}
    log.close()
    assert read_file(path) is None, "without a log nothing is known"


@pytest.mark.parametrize(
    ("outcome", "progress"),
    [
        (Outcome.ACCEPTED, A),
        (Outcome.REFUSED, N),
        (Outcome.DEFERRED, N),
        (Outcome.UNSENT, N),
        (Outcome.DOUBTFUL, L),
    ],
)
def test_an_outcome_is_noted_as_progress(path, outcome, progress):
    log = InFlightLog(path, 1)
    log.begin(0, [1])
    log.recorder(0)(0, None)
    log.recorder(0)(0, outcome)
    assert log.read() == {1: progress}
    log.close()


def test_two_workers_never_share_a_log(path):
    log = InFlightLog(path, 1)
    with pytest.raises(FileExistsError):
        InFlightLog(path, 1)
    log.close()


def test_it_survives_the_process_that_wrote_it(path):
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from emag.mailing.sending.in_flight_log import InFlightLog;"
        "log = InFlightLog(Path(sys.argv[1]), 4); log.begin(3, [7, 8]); log.recorder(3)(0, None);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    result = subprocess.run([sys.executable, "-c", script, str(path)], cwd=ROOT, check=False)
    assert result.returncode == -signal.SIGKILL
    assert read_file(path) == {7: L, 8: N}
    path.unlink()


@pytest.fixture
def number(database, approved, readers, clock):
    readers(5)
    number = approved()
    address(database, number, now=clock(), by="ann")
    return number


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ({1: A, 2: L, 3: N}, {"accepted": 1, "doubtful": 1, "queued": 3}),
        ({}, {"queued": 5}),
        (None, {"doubtful": 4, "queued": 1}),
    ],
)
def test_only_messages_on_the_wire_are_doubtful(database, number, clock, entries, expected):
    with database.transaction() as conn:
        claim(conn, number, worker="dead", limit=4, lease=LEASE, now=clock())
        ledger.settle_dead(conn, number, {"dead": entries}, now=clock())
        counts = ledger.counts(conn, number)
        again = claim(conn, number, worker="next", limit=9, lease=LEASE, now=clock())
    assert {k: v for k, v in counts.items() if v and k != "planned"} == expected
    assert len(again) == expected["queued"], "what had not left is sent"


def test_the_claims_of_other_workers_stay(database, number, clock):
    with database.transaction() as conn:
        claim(conn, number, worker="dead", limit=2, lease=LEASE, now=clock())
        claim(conn, number, worker="alive", limit=2, lease=LEASE, now=clock())
        ledger.settle_dead(conn, number, {"dead": {3: A, 4: L}}, now=clock())
        counts = ledger.counts(conn, number)
    assert (counts["inflight"], counts["queued"], counts["doubtful"]) == (2, 3, 0)
