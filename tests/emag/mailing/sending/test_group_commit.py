"""Many connections, one writer: group commits that mix nobody's claims up."""

import threading
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import event

from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.domain_throttle import DomainThrottle
from emag.mailing.sending.group_commit import GroupCommit
from emag.mailing.sending.warmup import WarmUp

LEASE = timedelta(minutes=2)


@pytest.fixture
def number(database, approved, readers, clock):
    readers(400)
    number = approved()
    address(database, number, now=clock(), by="ann")
    return number


@pytest.fixture
def journal(database, number, clock):
    made = GroupCommit(
        database,
        number,
        worker="me",
        lease=LEASE,
        now=clock,
        domains=DomainThrottle(),
        warm_up=WarmUp((), str),
    )
    with closing(made):
        yield made


def counts(database, number):
    with database.reading() as conn:
        found = ledger.counts(conn, number)
    return {name: many for name, many in found.items() if many and name != "planned"}


def test_threads_share_commits_and_claims_never_mix(journal, database, number):
    commits, had, wrong = [], [], []
    event.listen(database.engine, "commit", lambda _: commits.append(1))

    def work():
        try:
            with journal.writer():
                done = []
                while held := journal.turn(done, 5):
                    had.extend(claim.delivery for claim in held)
                    done = [(claim, Receipt(Outcome.ACCEPTED)) for claim in held]
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert set(Counter(had).values()) == {1}
    assert counts(database, number) == {"accepted": 400}
    assert len(commits) < 80 + 8, "fewer commits than groups"


def test_what_is_claimed_is_written_down_before_it_is_given_out(journal, database, number):
    held = journal.turn((), 3)
    assert counts(database, number) == {"inflight": 3, "queued": 397}
    journal.turn([(claim, Receipt(Outcome.ACCEPTED)) for claim in held], 0)
    assert counts(database, number) == {"accepted": 3, "queued": 397}


def test_a_failed_write_is_everybodys_who_was_in_it_and_the_next_goes_on(journal, database, number):
    def fail(_conn):
        raise OSError("the disk is full")

    held = journal.turn((), 3)
    with pytest.raises(OSError, match="disk is full"):
        journal.also(fail)
    assert counts(database, number) == {"inflight": 3, "queued": 397}
    assert len(journal.turn([(claim, Receipt(Outcome.ACCEPTED)) for claim in held], 2)) == 2
    assert counts(database, number) == {"accepted": 3, "inflight": 2, "queued": 395}


def test_its_connection_is_kept_between_turns_given_back_and_fetched_again(
    journal, database, number
):
    fetched = []
    event.listen(database.engine, "checkout", lambda *_: fetched.append(1))
    for _ in range(2):
        held = journal.turn((), 2)
        assert database.engine.pool.checkedout() == 1
        journal.turn([(claim, Receipt(Outcome.ACCEPTED)) for claim in held], 0)
        journal.close()
        assert database.engine.pool.checkedout() == 0
    assert len(fetched) >= 2
    assert counts(database, number) == {"accepted": 4, "queued": 396}
