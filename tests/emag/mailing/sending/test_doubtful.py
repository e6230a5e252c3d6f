"""An editor settles the deliveries of which nobody saw the outcome, and is kept on record."""

from datetime import timedelta

import pytest

from emag.errors import NotFound, WrongMove
from emag.issues import life, store
from emag.issues.issue import Move, Status
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import claims, deliver, doubtful, ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.doubtful import Settlement
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.folder import FolderTransport
from subscribers import roll


@pytest.fixture
def number(database, approved, readers, clock):
    """An issue of which 1–3 were accepted, 4–6 are doubtful and 7–8 are queued."""
    readers(8)
    number = approved()
    address(database, number, now=clock(), by="Ann")
    with database.transaction() as conn:
        claimed = claims.claim(
            conn, number, worker="first", limit=6, lease=timedelta(minutes=2), now=clock()
        )
        receipts = [Receipt(Outcome.ACCEPTED)] * 3 + [Receipt(Outcome.DOUBTFUL, "lost")] * 3
        pairs = list(zip(claimed, receipts, strict=True))
        claims.record(conn, pairs, worker="first", now=clock())
    return number


@pytest.fixture
def settle(database, number, clock):
    def settle(decision, *addresses, by="Ann"):
        return doubtful.settle(database, number, decision, addresses=addresses, now=clock(), by=by)

    return settle


@pytest.fixture
def counts(database, number):
    def counts():
        with database.reading() as conn:
            return ledger.counts(conn, number)

    return counts


def test_all_are_taken_as_accepted(settle, counts):
    assert settle("accepted") == 3
    assert (counts()["accepted"], counts()["doubtful"]) == (6, 0)
    assert settle("accepted") == 0


def test_only_the_named_addresses_are_settled(database, number, settle, counts):
    assert settle("accepted", "Reader5@example.net", "reader6@example.net") == 2
    assert (counts()["accepted"], counts()["doubtful"]) == (5, 1)
    with database.reading() as conn:
        [left] = ledger.listing(conn, number, status="doubtful")
    assert left.address == "reader4@example.net"


@pytest.mark.parametrize(
    "address", ["reader1@example.net", "reader7@example.net", "nobody@example.net", "no address"]
)
def test_an_address_without_a_doubtful_delivery_changes_nothing(settle, counts, address):
    with pytest.raises(NotFound, match=f"no doubtful delivery to {address}"):
        settle("resend", "reader4@example.net", address)
    assert counts()["doubtful"] == 3


def test_who_decided_is_on_record(database, number, settle, clock):
    first = clock()
    settle("accepted", "reader4@example.net")
    later = clock.forward(hours=1)
    settle("resend", by="Bob")
    settle("resend", by="Cat")  # nothing is left to decide
    with database.reading() as conn:
        assert doubtful.settlements(conn, number) == (
            Settlement(first, "Ann", "accepted", 1),
            Settlement(later, "Bob", "resend", 2),
        )
        [row] = [r for r in ledger.listing(conn, number) if r.address == "reader4@example.net"]
    assert row.reason == "taken as accepted by Ann"


def test_they_are_sent_again_even_after_the_issue_is_sent(
    database, number, settle, quick, keys, clock, outbox
):
    def run():
        sender = Sender(database, FolderTransport(outbox), Terms.of(quick()), clock)
        return deliver.deliver(sender, number, settings=quick(), keys=keys)

    assert run()["doubtful"] == 3
    with database.reading() as conn:
        assert store.get(conn, number).status is Status.SENT
    assert settle("resend") == 3
    counts = run()
    assert (counts["accepted"], counts["doubtful"]) == (8, 0)
    assert len(list(outbox.iterdir())) == 5
    with database.reading() as conn:
        assert store.get(conn, number).status is Status.SENT


def test_nothing_is_sent_again_of_a_cancelled_issue(database, number, settle, clock):
    with database.transaction() as conn:
        life.move(conn, number, Move.CANCEL, now=clock(), by="Ann")
    with pytest.raises(WrongMove):
        settle("resend")
    assert settle("accepted") == 3


def test_a_late_answer_of_the_first_attempt_does_not_settle_the_second(
    database, number, settle, clock
):
    settle("resend")
    with database.transaction() as conn:
        first = claims.Claim(4, 0, roll.readers(conn, [4])[4])
        second = claims.claim(
            conn, number, worker="second", limit=8, lease=timedelta(minutes=2), now=clock()
        )
        claims.record(conn, [(first, Receipt(Outcome.REFUSED))], worker="first", now=clock())
        assert ledger.counts(conn, number)["inflight"] == len(second) == 5
