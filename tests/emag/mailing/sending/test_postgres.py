"""The same sending on PostgreSQL, by several senders at once."""

import threading
from collections import Counter
from datetime import timedelta

import pytest

from emag.issues import store
from emag.issues.issue import Status
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.event import Event, EventKind
from emag.mailing.letters import notice
from emag.mailing.letters.post import post_letters
from emag.mailing.returns import reports
from emag.mailing.sending import claims, deliver, doubtful, ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.transports.folder import FolderTransport
from subscribers import membership, roll
from subscribers.consent import Evidence
from tests.conftest import START

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(server, full_template):
    with server.database(full_template) as database:
        yield database


def test_several_senders_share_an_issue(database, approved, readers, settings, keys, clock, outbox):
    readers(400)
    number = approved()
    failed = []

    def send():
        try:
            assert address(database, number, now=clock(), by="ann") == 400
            deliver.deliver(
                Sender(database, FolderTransport(outbox), Terms.of(settings), clock),
                number,
                settings=settings,
                keys=keys,
            )
        except BaseException as error:  # noqa: BLE001 - shown by the test's own thread
            failed.append(error)

    senders = [threading.Thread(target=send) for _ in range(3)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert failed == []
    assert Counter("copy" in file.name for file in outbox.iterdir()) == {False: 400}
    with database.reading() as conn:
        counts = ledger.counts(conn, number)
        assert store.get(conn, number).status is Status.SENT
    assert (counts["planned"], counts["accepted"]) == (400, 400)


def test_what_another_sender_picks_is_passed_over(database, approved, readers, clock):
    readers(10)
    number = approved()
    address(database, number, now=clock(), by="ann")
    options = {"limit": 6, "lease": timedelta(minutes=2), "now": clock()}
    with database.transaction() as one, database.transaction() as two:
        first = claims.claim(one, number, worker="one", **options)
        second = claims.claim(two, number, worker="two", **options)
    assert (len(first), len(second)) == (6, 4)
    assert not {c.delivery for c in first} & {c.delivery for c in second}


def test_reports_doubts_and_skips(database, approved, readers, keys, clock):
    readers(5)
    number = approved()
    address(database, number, now=clock(), by="ann")
    with database.transaction() as conn:
        membership.unsubscribe(conn, keys, ref="ref-000005", evidence=Evidence("link"), now=clock())
        held = claims.claim(
            conn, number, worker="me", limit=5, lease=timedelta(minutes=2), now=clock()
        )
        pairs = [(c, Receipt(Outcome.DOUBTFUL)) for c in held[:3]]
        pairs.append((held[3], Receipt(Outcome.REFUSED, "550 5.1.1 unknown")))
        claims.record(conn, pairs, worker="me", now=clock())
        mark = keys.short("bounce", held[0].delivery)
        event = Event("x", "sendgrid", EventKind.COMPLAINT, START, mark)
        assert reports.record(conn, [event, event]) == 1
        assert reports.record(conn, [event]) == 0
    assert reports.apply(database, keys=keys, now=clock()) == 2
    assert doubtful.settle(database, number, "accepted", now=clock(), by="Ann") == 2
    with database.reading() as conn:
        counts = ledger.counts(conn, number)
        standing = [roll.find(conn, f"reader{n}@example.net").status for n in (1, 4)]
        assert ledger.unfinished(conn) == [number]
        assert ledger.next_due(conn, number) is None
        assert len(list(ledger.listing(conn, number))) == 5
    assert (counts["accepted"], counts["refused"], counts["skipped"]) == (3, 1, 1)
    assert counts["complained"] == 1
    assert standing == ["complained", "bounced"]


def test_letters_and_notices(database, settings, keys, clock, outbox):
    with database.transaction() as conn:
        membership.sign_up(
            conn, keys, address="ann@example.net", evidence=Evidence("form"), now=clock()
        )
        for _ in range(2):
            notice.notify_editors(
                conn, settings=settings, key="k", subject="s", text="t", now=clock()
            )
    posted = post_letters(
        database, transport=FolderTransport(outbox), settings=settings, keys=keys, now=clock()
    )
    assert posted == 2
