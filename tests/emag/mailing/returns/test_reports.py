"""Reports are stored once and applied in any order, with the same result."""

from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from emag.database import Database
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.event import Event, EventKind
from emag.mailing.returns import reports
from emag.mailing.sending import claims, deliver, ledger
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.tables import DELIVERIES, EVENTS
from emag.mailing.transports.folder import FolderTransport
from subscribers import roll
from tests.conftest import START

E = EventKind


@pytest.fixture
def doubtful(database, approved, readers, clock):
    """An issue of which 1–3 were accepted, 4–6 are doubtful and 7–8 queued."""
    readers(8)
    number = approved()
    address(database, number, now=clock(), by="ann")
    with database.transaction() as conn:
        held = claims.claim(
            conn, number, worker="me", limit=6, lease=timedelta(minutes=2), now=clock()
        )
        receipts = [Receipt(Outcome.ACCEPTED)] * 3 + [Receipt(Outcome.DOUBTFUL, "lost")] * 3
        pairs = list(zip(held, receipts, strict=True))
        claims.record(conn, pairs, worker="me", now=clock())
    return number


@pytest.fixture
def report(database, keys, clock):
    """Stores events and applies them."""

    def report(*events, apply=True):
        with database.transaction() as conn:
            new = reports.record(conn, events)
        if apply:
            reports.apply(database, keys=keys, now=clock())
        return new

    return report


@pytest.fixture
def event(keys):
    def event(delivery, kind, number=0, **more):
        mark = keys.short("bounce", delivery) if delivery else ""
        return Event(f"{delivery}-{kind}-{number}", "sendgrid", kind, START, mark, **more)

    return event


@pytest.fixture
def see(database, doubtful):
    def see(delivery):
        with database.reading() as conn:
            [row] = [e for e in ledger.listing(conn, doubtful) if e.delivery == delivery]
            member = roll.find(conn, f"reader{delivery}@example.net")
        return row.status, row.report, member.status

    return see


def test_a_report_counts_once(database, report, event):
    events = [event(1, E.DELIVERED), event(1, E.DELIVERED), event(2, E.DELIVERED)]
    assert report(*events) == 2
    assert report(*events) == 0
    with database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(EVENTS)).scalar() == 2


def test_no_address_is_stored(doubtful, database, report, event):
    report(event(0, E.DELIVERED, address="reader1@example.net"))
    with database.reading() as conn:
        [row] = conn.execute(select(EVENTS)).all()
    assert "example.net" not in repr(row)
    assert row.subscriber == 1


def test_tracking_is_not_stored(database, report, event):
    assert report(event(1, E.NONE)) == 0
    with database.reading() as conn:
        assert conn.execute(select(func.count()).select_from(EVENTS)).scalar() == 0


@pytest.mark.parametrize(
    ("kind", "detail", "after"),
    [
        (E.ACCEPTED, "", ("accepted", "", "active")),
        (E.DELIVERED, "250 OK", ("accepted", "delivered", "active")),
        (E.DELAYED, "400 later", ("accepted", "", "active")),
        (E.HARD, "5.1.1 unknown", ("accepted", "bounced", "bounced")),
        (E.SOFT, "5.2.2 full", ("accepted", "bounced", "active")),
        (E.POLICY, "5.7.1 spam", ("accepted", "bounced", "active")),
        (E.COMPLAINT, "", ("accepted", "complained", "complained")),
        (E.UNSUBSCRIBED, "", ("accepted", "", "unsubscribed")),
    ],
)
@pytest.mark.parametrize("delivery", [1, 4, 7], ids=["accepted", "doubtful", "queued"])
def test_each_report_changes_delivery_and_reader(report, event, see, kind, detail, after, delivery):
    """It settles a doubtful delivery, and a queued one is not sent a second time."""
    report(event(delivery, kind, detail=detail))
    assert see(delivery) == after


def test_a_reported_delivery_is_not_sent_again(
    doubtful, database, report, event, quick, keys, clock, outbox
):
    report(event(7, E.DELIVERED))
    sender = Sender(database, FolderTransport(outbox), Terms.of(quick()), clock)
    deliver.deliver(sender, doubtful, settings=quick(), keys=keys)
    assert sorted(file.name for file in outbox.iterdir()) == ["issue-1-0000008.eml"]


REPORTS = [
    (E.DELIVERED, "250 OK"),
    (E.HARD, "5.1.1 gone"),
    (E.COMPLAINT, ""),
    (E.UNSUBSCRIBED, ""),
]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_reports_does_not_matter(report, event, see, order):
    for place in order:
        kind, detail = REPORTS[place]
        report(event(5, kind, detail=detail))
    status, reported, standing = see(5)
    assert (status, reported) == ("accepted", "complained")
    assert standing == "complained"


@pytest.mark.parametrize(("kind", "counted"), [(E.SOFT, 1), (E.POLICY, 0), (E.DELAYED, 0)])
def test_only_a_soft_bounce_counts_against_the_reader(
    doubtful, database, report, event, kind, counted
):
    report(event(1, kind))
    with database.reading() as conn:
        soft = conn.exec_driver_sql("SELECT soft FROM subscribers WHERE id = 1").scalar()
    assert soft == counted


@pytest.mark.parametrize("mark", ["", "1-forged", "4-" + "a" * 26, "nonsense"])
def test_a_mark_that_is_not_ours_settles_nothing(report, see, mark):
    report(Event("x", "sendgrid", E.COMPLAINT, START, mark, "nobody@example.net"))
    assert see(1) == ("accepted", "", "active")
    assert see(4) == ("doubtful", "", "active")


def test_a_report_about_a_letter_finds_its_reader_by_address(report, see, keys):
    mark = keys.short("confirm", 4)
    report(Event("x", "sendgrid", E.HARD, START, mark, "reader2@example.net", "5.1.1 gone"))
    assert see(2) == ("accepted", "", "bounced")
    assert see(4) == ("doubtful", "", "active"), "another letter's number is no delivery"


def test_odd_addresses_in_reports_are_harmless(report):
    odd = ["", "not an address", "@", "a@b", "x" * 500 + "@example.net"]
    events = [Event(f"x{n}", "p", E.HARD, START, address=a) for n, a in enumerate(odd)]
    assert report(*events) == len(odd)


def test_many_reports_are_applied_in_groups(database, report, event, keys, clock):
    report(*(event(1, E.DELAYED, n) for n in range(450)), apply=False)
    assert reports.apply(database, keys=keys, now=clock()) == 450
    assert reports.apply(database, keys=keys, now=clock()) == 0


def test_an_event_counts_that_arrives_before_the_answer_is_recorded(
    database, approved, readers, keys, clock, report, event
):
    """A provider may report before we have recorded that it accepted the message."""
    readers(1)
    number = approved()
    address(database, number, now=clock(), by="ann")
    with database.transaction() as conn:
        held = claims.claim(
            conn, number, worker="me", limit=1, lease=timedelta(minutes=2), now=clock()
        )
    report(event(held[0].delivery, E.DELIVERED))
    with database.transaction() as conn:
        pairs = [(held[0], Receipt(Outcome.ACCEPTED))]
        claims.record(conn, pairs, worker="me", now=clock())
        counts = ledger.counts(conn, number)
    assert (counts["accepted"], counts["delivered"]) == (1, 1)


def test_a_reader_has_one_delivery_for_an_issue(doubtful, database: Database):
    row = {"issue": doubtful, "subscriber": 1, "status": "queued", "not_before": START}
    row |= {"report": "", "attempts": 0, "worker": "", "reason": "", "reference": ""}
    with database.transaction() as conn:
        with pytest.raises(IntegrityError):
            conn.execute(insert(DELIVERIES).values(row))
        conn.rollback()


# --- Reasons -------------------------------------------------------------------------------------


@pytest.fixture
def reason(database, doubtful):
    """The reason that is shown for a delivery."""

    def reason(delivery):
        with database.reading() as conn:
            [row] = [e for e in ledger.listing(conn, doubtful) if e.delivery == delivery]
        return row.reason

    return reason


@pytest.mark.parametrize("delivery", [1, 4, 7], ids=["accepted", "doubtful", "queued"])
def test_the_server_s_words_are_kept_with_the_delivery(report, event, reason, database, delivery):
    report(event(delivery, E.HARD, detail="5.1.1 550 no such user"))
    assert reason(delivery) == "5.1.1 550 no such user"
    with database.reading() as conn:
        assert reports.latest_reason(conn, delivery) == "5.1.1 550 no such user"


def test_a_hard_bounce_replaces_the_reason_of_a_soft_one(report, event, reason):
    report(event(1, E.SOFT, detail="4.2.2 full"), event(1, E.HARD, detail="5.1.1 gone"))
    assert reason(1) == "5.1.1 gone"
    report(event(2, E.HARD, detail="5.1.1 gone"), event(2, E.SOFT, detail="4.2.2 full"))
    assert reason(2) == "5.1.1 gone"


def test_a_delivery_that_arrived_has_no_reason_for_a_bounce(report, event, database):
    report(event(1, E.DELIVERED, detail="250 OK"), event(2, E.DELAYED, detail="4.7.1 later"))
    with database.reading() as conn:
        assert reports.latest_reason(conn, 1) == reports.latest_reason(conn, 2) == ""


def test_the_reason_of_a_refusal_is_shown_for_the_reader(database, doubtful, clock):
    with database.transaction() as conn:
        held = claims.claim(
            conn, doubtful, worker="me", limit=1, lease=timedelta(minutes=2), now=clock()
        )
        pairs = [(held[0], Receipt(Outcome.REFUSED, "550 5.7.1 not today"))]
        claims.record(conn, pairs, worker="me", now=clock())
        assert reports.latest_reason(conn, held[0].reader.id) == "550 5.7.1 not today"


def test_a_delay_is_no_bounce(report, event, see):
    report(event(1, E.DELAYED, detail="4.7.1 greylisted"))
    assert see(1) == ("accepted", "", "active")
    report(event(1, E.DELIVERED, 1))
    assert see(1) == ("accepted", "delivered", "active")
