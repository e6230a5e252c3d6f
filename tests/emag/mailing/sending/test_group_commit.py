"""Group commit: the requests of many threads in few transactions, and no claim given out twice."""

import threading
from collections import Counter
from contextlib import closing

import pytest
from sqlalchemy import event

from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.delivery_queue import DeliveryQueue
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.folder import FolderTransport


@pytest.fixture
def number(database, approved, readers, clock):
    readers(400)
    number = approved()
    address(database, number, now=clock(), by="ann")
    return number


@pytest.fixture
def queue(database, number, settings, outbox, clock):
    sender = Sender(database, FolderTransport(outbox), Terms.of(settings), clock)
    with closing(DeliveryQueue(sender, number, worker="me")) as queue:
        yield queue


def counts(database, number):
    with database.reading() as conn:
        sums = ledger.counts(conn, number)
    return {name: count for name, count in sums.items() if count and name != "planned"}


def accepted(claims):
    return [(claim, Receipt(Outcome.ACCEPTED)) for claim in claims]


def test_threads_share_commits_and_no_claim_is_given_out_twice(queue, database, number):
    commits, deliveries, errors = [], [], []
    event.listen(database.engine, "commit", lambda _: commits.append(1))

    def work():
        try:
            with queue.writer():
                outcomes = []
                while claims := queue.exchange(outcomes, 5):
                    deliveries.extend(claim.delivery for claim in claims)
                    outcomes = accepted(claims)
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(Counter(deliveries).values()) == {1}
    assert counts(database, number) == {"accepted": 400}
    assert len(commits) < 80 + 8, "fewer commits than groups"


def test_a_claim_is_on_the_disk_before_it_is_given_out(queue, database, number):
    claims = queue.exchange((), 3)
    assert counts(database, number) == {"inflight": 3, "queued": 397}
    queue.record(accepted(claims))
    assert counts(database, number) == {"accepted": 3, "queued": 397}


def test_a_failed_commit_raises_for_its_requests_and_the_next_one_succeeds(queue, database, number):
    def fail(_conn):
        raise OSError("the disk is full")

    claims = queue.exchange((), 3)
    with pytest.raises(OSError, match="disk is full"):
        queue.execute(fail)
    assert counts(database, number) == {"inflight": 3, "queued": 397}
    assert len(queue.exchange(accepted(claims), 2)) == 2
    assert counts(database, number) == {"accepted": 3, "inflight": 2, "queued": 395}


def test_its_connection_is_kept_between_groups_and_given_back(queue, database, number):
    checkouts = []
    event.listen(database.engine, "checkout", lambda *_: checkouts.append(1))
    for _ in range(2):
        claims = queue.exchange((), 2)
        assert database.engine.pool.checkedout() == 1
        queue.record(accepted(claims))
        queue.close()
        assert database.engine.pool.checkedout() == 0
    assert len(checkouts) >= 2
    assert counts(database, number) == {"accepted": 4, "queued": 396}
