"""The rows of a sending: claimed once, recorded by who claimed them, counts that add up."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from emag.errors import WrongMove
from emag.issues import life, store
from emag.issues.issue import Move, Status
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import claims, ledger
from emag.mailing.sending.address import address
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import membership
from subscribers.consent import Evidence
from subscribers.tables import SUBSCRIBERS

LEASE = timedelta(minutes=2)
SUMMED = ("queued", "inflight", "deferred", "accepted", "refused", "doubtful", "skipped")


@pytest.fixture
def addressed(database, approved, readers, clock):
    """An issue on its way to ten readers."""
    readers(10)
    number = approved()
    assert address(database, number, now=clock(), by="ann") == 10
    return number


@pytest.fixture
def claim(database, addressed, clock):
    def claim(limit, worker="me"):
        with database.transaction() as conn:
            return claims.claim(
                conn, addressed, worker=worker, limit=limit, lease=LEASE, now=clock()
            )

    return claim


@pytest.fixture
def record(database, clock):
    def record(held, outcome, worker="me", **more):
        with database.transaction() as conn:
            pairs = [(c, Receipt(outcome, **more)) for c in held]
            claims.record(conn, pairs, worker=worker, now=clock())

    return record


@pytest.fixture
def counts(database, addressed):
    def counts():
        with database.reading() as conn:
            result = ledger.counts(conn, addressed)
        assert result["planned"] == sum(result[name] for name in SUMMED)
        return {name: many for name, many in result.items() if many}

    return counts


def test_addressing_plans_everybody_once(database, addressed, clock, readers):
    with database.reading() as conn:
        assert ledger.counts(conn, addressed)["queued"] == 10
        assert store.get(conn, addressed).status is Status.SENDING
    with database.transaction() as conn:
        conn.execute(update(SUBSCRIBERS).where(SUBSCRIBERS.c.id == 3).values(status="unsubscribed"))
    assert address(database, addressed, now=clock(), by="ann") == 10, "again changes nobody"


def test_only_those_who_may_be_written_to_are_addressed(database, approved, readers, clock):
    readers(4)
    with database.transaction() as conn:
        for number, status in ((1, "pending"), (2, "bounced"), (3, "unsubscribed")):
            conn.execute(
                update(SUBSCRIBERS).where(SUBSCRIBERS.c.id == number).values(status=status)
            )
    number = approved()
    assert address(database, number, now=clock(), by="ann") == 1


def test_an_issue_that_is_not_approved_is_not_addressed(database, approved, readers, clock):
    readers(1)
    number = approved()
    with database.transaction() as conn:
        life.move(conn, number, Move.REOPEN, now=clock(), by="ann")
    with pytest.raises(WrongMove):
        address(database, number, now=clock(), by="ann")
    with database.reading() as conn:
        assert ledger.counts(conn, number)["planned"] == 0
        assert ledger.addressed(conn, number) is None


def test_an_issue_without_readers_is_addressed_all_the_same(database, approved, clock):
    number = approved()
    assert address(database, number, now=clock(), by="ann") == 0
    with database.reading() as conn:
        assert ledger.addressed(conn, number) == 0


def test_claims_never_overlap(claim, counts):
    received = [c.delivery for worker in "abc" for c in claim(4, worker)]
    assert len(received) == len(set(received)) == 10
    assert claim(4) == []
    assert counts() == {"planned": 10, "inflight": 10}


def test_standing_is_read_again_in_the_claim(database, addressed, claim, counts, keys, clock):
    with database.transaction() as conn:
        membership.unsubscribe(conn, keys, ref="ref-000002", evidence=Evidence("link"), now=clock())
        membership.erase(conn, keys, ref="ref-000003", evidence=Evidence("desk"), now=clock())
    held = claim(10)
    assert sorted(c.reader.id for c in held) == [1, 4, 5, 6, 7, 8, 9, 10]
    assert counts() == {"planned": 10, "inflight": 8, "skipped": 2}
    with database.reading() as conn:
        skipped = list(ledger.listing(conn, addressed, status="skipped"))
    assert {entry.address for entry in skipped} == {"reader2@example.net", ""}
    assert {entry.reason for entry in skipped} == {"may not be written to any more"}


def test_a_group_of_people_who_left_does_not_end_the_run(database, claim, keys, clock):
    with database.transaction() as conn:
        for n in range(1, 8):
            membership.unsubscribe(
                conn, keys, ref=f"ref-{n:06d}", evidence=Evidence("link"), now=clock()
            )
    assert [c.reader.id for c in claim(3)] == [8, 9, 10], "a whole group"


@pytest.mark.parametrize("move", [Move.PAUSE, Move.CANCEL])
def test_nothing_is_claimed_of_an_issue_that_was_stopped(database, addressed, claim, clock, move):
    assert len(claim(2)) == 2
    with database.transaction() as conn:
        life.move(conn, addressed, move, now=clock(), by="ann")
    assert claim(2) == []


@pytest.mark.parametrize(
    ("outcome", "status", "attempts"),
    [
        (Outcome.ACCEPTED, "accepted", 1),
        (Outcome.REFUSED, "refused", 1),
        (Outcome.DEFERRED, "deferred", 1),
        (Outcome.UNSENT, "queued", 0),
        (Outcome.DOUBTFUL, "doubtful", 1),
    ],
)
def test_what_is_recorded(database, addressed, claim, record, outcome, status, attempts):
    record(claim(1), outcome, reason="why", reference="ref")
    with database.reading() as conn:
        [entry] = [e for e in ledger.listing(conn, addressed) if e.reason]
    assert (entry.status, entry.attempts, entry.reason) == (status, attempts, "why")


def test_nobody_records_what_another_claimed(claim, record, counts):
    own_claims = claim(3, "me")
    record(own_claims, Outcome.ACCEPTED, worker="other")
    assert counts() == {"planned": 10, "inflight": 3, "queued": 7}


def test_what_was_deferred_comes_first_once_it_is_due(claim, record, clock):
    first = claim(2)
    record(first, Outcome.DEFERRED)
    assert [c.delivery for c in claim(2)] == [3, 4]
    clock.forward(minutes=1)
    again = claim(3)
    assert [c.delivery for c in again] == [1, 2, 5]
    assert [c.attempts for c in again] == [1, 1, 0]


def test_a_lease_that_is_over_leaves_doubt_and_no_second_copy(
    database, addressed, claim, record, counts, clock
):
    left = claim(3)
    with database.transaction() as conn:
        assert ledger.expire(conn, addressed, now=clock()) == 0
    clock.forward(seconds=121)
    with database.transaction() as conn:
        assert ledger.expire(conn, addressed, now=clock()) == 3
    assert counts() == {"planned": 10, "doubtful": 3, "queued": 7}
    assert {c.delivery for c in claim(10)} & {c.delivery for c in left} == set()
    record(left, Outcome.ACCEPTED)
    assert counts()["accepted"] == 3, "who was given up too early still knows best"


def test_a_lease_that_is_renewed_lasts(database, addressed, claim, counts, clock):
    claim(3)
    clock.forward(seconds=100)
    with database.transaction() as conn:
        ledger.renew_lease(conn, worker="me", until=clock() + LEASE)
    clock.forward(seconds=100)
    with database.transaction() as conn:
        assert ledger.expire(conn, addressed, now=clock()) == 0
        assert ledger.expire(conn, addressed, dead=["me"], now=clock()) == 3


def test_listing_by_status_and_by_report(database, addressed, claim, record):
    record(claim(4), Outcome.ACCEPTED)
    with database.transaction() as conn:
        conn.execute(update(DELIVERIES).where(DELIVERIES.c.id < 3).values(report="bounced"))
    with database.reading() as conn:
        everybody = list(ledger.listing(conn, addressed))
        accepted = list(ledger.listing(conn, addressed, status="accepted"))
        bounced = list(ledger.listing(conn, addressed, status="bounced"))
    assert [e.address for e in everybody] == [f"reader{n}@example.net" for n in range(1, 11)]
    assert Counter(e.status for e in everybody) == {"accepted": 4, "queued": 6}
    assert len(accepted) == 4
    assert [e.delivery for e in bounced] == [1, 2]


def test_when_to_look_again(database, addressed, claim, record, clock):
    def due():
        with database.reading() as conn:
            return ledger.next_due(conn, addressed)

    assert due() == clock()
    record(claim(9), Outcome.ACCEPTED)
    last = claim(1)
    assert due() == clock() + LEASE
    record(last, Outcome.DEFERRED)
    assert due() == clock() + timedelta(minutes=1)
    clock.forward(minutes=2)
    record(claim(1), Outcome.ACCEPTED)
    assert due() is None


def test_the_sweep_finds_what_should_be_on_its_way(database, addressed, claim, record, clock):
    def unfinished():
        with database.reading() as conn:
            return ledger.unfinished(conn)

    assert unfinished() == [addressed]
    record(claim(10), Outcome.ACCEPTED)
    with database.transaction() as conn:
        life.move(conn, addressed, Move.FINISH, now=clock(), by="ann")
    assert unfinished() == []
    with database.transaction() as conn:
        conn.execute(update(DELIVERIES).where(DELIVERIES.c.id == 1).values(status="queued"))
    assert unfinished() == [addressed]


def test_an_address_that_a_server_calls_dead_is_reported(database, claim, record):
    held = claim(3)
    record(held[:1], Outcome.REFUSED, reason="550 5.1.1 unknown")
    record(held[1:2], Outcome.REFUSED, reason="552 5.2.2 full")
    record(held[2:], Outcome.REFUSED, reason="550 5.1.1 x", sender_fault=True)
    with database.reading() as conn:
        result = conn.execute(select(EVENTS.c.subscriber, EVENTS.c.kind, EVENTS.c.provider)).all()
    assert result == [(1, "hard", "transport")]
