"""Tests that bounce mail counts only with our own signature in it, and only once."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from emag import bootstrap
from emag.mailing.event import EventKind
from emag.mailing.returns import reports
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import roll
from subscribers.tokens import Keys
from tests.conftest import SECRET, START
from tests.emag.mailing.returns.conftest import events_of

E = EventKind
HARD = ("ann@example.net", "failed", "5.1.1", "550 5.1.1 <ann@example.net> no such user")
FULL = ("ann@example.net", "failed", "5.2.2", "552 5.2.2 mailbox full")
SPAM = ("ann@example.net", "failed", "5.7.1", "554 5.7.1 rejected as spam, over quota of 4.2.2")
LATE = ("ann@example.net", "delayed", "4.4.1", "connection timed out")
DELIVERED = ("ann@example.net", "delivered", "2.0.0", "250 ok")


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        (HARD, E.HARD),
        (FULL, E.SOFT),
        (SPAM, E.POLICY),
        (LATE, E.DELAYED),
        (DELIVERED, E.DELIVERED),
    ],
)
def test_a_report_about_our_message_is_one_event(reader, report, mark, group, kind):
    [event] = events_of(reader, report(group))
    assert (event.kind, event.mark, event.provider) == (kind, mark, "mail")
    assert event.at == datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
    assert event.address == "", "the addresses that a mail names are never acted on"
    assert "@" not in event.detail


PLACES = {
    "the envelope's recipient": "Delivered-To: bounces+{mark}@example.org",
    "the original recipient": "X-Original-To: <bounces+{mark}@example.org>",
    "upper case": "Delivered-To: BOUNCES+{upper}@EXAMPLE.ORG",
    "what it answers": "In-Reply-To: <{mark}@example.org>",
    "the way it took": "Received: from a by b for <bounces+{mark}@example.org>; today",
}


@pytest.mark.parametrize("place", PLACES)
def test_the_mark_is_found_in_each_place(reader, report, mark, place):
    raw = report(HARD, to="nobody", back="Subject: none of ours\n\n")
    assert events_of(reader, raw) == []
    field = PLACES[place].format(mark=mark, upper=mark.upper())
    [event] = events_of(reader, field.encode() + b"\n" + raw)
    assert event.mark == mark


@pytest.mark.parametrize(
    "kind", ["Message-ID: <{}@example.org>", "Return-Path: <b+{}@example.org>"]
)
def test_the_mark_is_found_in_the_returned_message(reader, report, mark, kind):
    [event] = reader.events(
        reader.examine(report(HARD, to="nobody", back=kind.format(mark) + "\n\n"))
    )
    assert event.mark == mark


def test_the_mark_is_found_below_a_notice(reader, mark):
    raw = f"""From: mailer-daemon@example.net
To: bounces@example.org
Subject: failure notice

Your mail could not be delivered:

<ann@example.net>: user unknown

--- Below this line is a copy of the message.

Received: from a by b; today
Message-ID: <{mark}@example.org>
From: crier@example.org
To: ann@example.net
"""
    [event] = events_of(reader, raw.encode())
    assert (event.kind, event.mark) == (E.HARD, mark)


def test_a_forged_mark_is_ignored_and_hides_no_real_one(reader, report, keys, mark):
    forged = Keys("another-secret-0123456789-0123456789").short("bounce", 7)
    other_purpose = keys.short("unsubscribe", 7)
    for wrong in (forged, other_purpose, mark[:-1] + ("a" if mark[-1] != "a" else "b"), f"8{mark}"):
        raw = report(HARD, to=wrong, back="Subject: none\n\n")
        assert events_of(reader, raw) == []
        [event] = reader.events(
            reader.examine(f"Delivered-To: bounces+{mark}@example.org\n".encode() + raw)
        )
        assert event.mark == mark


def test_a_person_s_answer_that_holds_our_mark_is_no_report(reader, mark):
    raw = f"""From: Ann <ann@example.net>
To: bounces+{mark}@example.org
In-Reply-To: <{mark}@example.org>
Subject: Re: The Town Crier

Mail to my old address could not be delivered, I hear: “550 user unknown”.
"""
    assert events_of(reader, raw.encode()) == []


def test_an_automatic_answer_changes_nothing(reader, mark):
    raw = f"To: bounces+{mark}@example.org\nAuto-Submitted: auto-replied\n\nAway until May.\n"
    assert events_of(reader, raw.encode()) == []


def test_of_several_addresses_the_mildest_outcome_counts(reader, report):
    [event] = events_of(reader, report(HARD, ("ben@example.net", *FULL[1:])))
    assert event.kind is E.SOFT
    [event] = events_of(reader, report(HARD, ("ben@example.net", *DELIVERED[1:])))
    assert event.kind is E.HARD


@pytest.mark.parametrize("date", ["Thu, 99 Foo 2026", "", "Mon, 1 Jan 2035 00:00:00 +0000"])
def test_a_date_that_is_invalid_or_in_the_future_becomes_now(reader, report, clock, date):
    raw = report(HARD).replace(b"Thu, 05 Mar 2026 08:30:00 +0000", date.encode())
    [event] = events_of(reader, raw)
    assert event.at == clock.at


def complaint(returned: str) -> bytes:
    return f"""From: fbl@example.net
To: complaints@example.org
Subject: Complaint
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: x/1
Version: 1

--cut
Content-Type: message/rfc822

{returned}
--cut--
""".encode()


def test_a_complaint_is_matched_by_our_message_id(reader, returned, mark):
    [event] = events_of(reader, complaint(returned))
    assert (event.kind, event.mark) == (E.COMPLAINT, mark)


def test_a_complaint_is_matched_by_our_unsubscribe_link(
    reader, returned, mark, database, keys, clock, readers
):
    """A provider may replace the Message-ID, but it leaves the link unchanged."""
    readers(1)
    with database.reading() as conn:
        ref = roll.readers(conn, [1])[1].ref
    bare = returned.replace(mark, "0100-number-of-amazon").replace(
        keys.sign("unsubscribe", "reader-ref-000001"), keys.sign("unsubscribe", ref)
    )
    events = events_of(reader, complaint(bare))
    assert [e.kind for e in events] == [E.COMPLAINT]
    with database.transaction() as conn:
        assert reports.record(conn, events) == 1
    reports.apply(database, keys=keys, now=clock())
    with database.reading() as conn:
        assert roll.counts(conn)["complained"] == 1


def test_a_forged_link_is_ignored(reader, returned, mark, keys):
    good = keys.sign("unsubscribe", "reader-ref-000001")
    bare = returned.replace(mark, "0100-number-of-amazon")
    for wrong in (good[:-1] + ("A" if good[-1] != "A" else "B"), keys.sign("confirm", "reader-1")):
        assert events_of(reader, complaint(bare.replace(good, wrong))) == []


@pytest.fixture
def sent(database, readers):
    """Reader 1's copy of an issue, delivery 7."""
    readers(1)
    with database.transaction() as conn:
        row = {"id": 7, "issue": 1, "subscriber": 1, "status": "accepted"}
        row |= {"reason": "", "not_before": START}
        conn.execute(insert(DELIVERIES).values(**row))


def standing(database) -> tuple[str, str]:
    with database.reading() as conn:
        status = roll.find(conn, "reader1@example.net").status
        return status, conn.scalar(select(DELIVERIES.c.report).where(DELIVERIES.c.id == 7))


@pytest.mark.parametrize(
    ("group", "status", "reported"),
    [
        (HARD, "bounced", "bounced"),
        (FULL, "active", "bounced"),
        (SPAM, "active", "bounced"),
        (LATE, "active", ""),
        (DELIVERED, "active", "delivered"),
    ],
)
def test_each_outcome_changes_delivery_and_reader(
    reader, report, database, keys, clock, sent, group, status, reported
):
    for _ in range(4):
        with database.transaction() as conn:
            reports.record(conn, events_of(reader, report(group)))
        reports.apply(database, keys=keys, now=clock.forward(days=10))
    assert standing(database) == (status, reported), "however often it comes, it counts once"
    with database.reading() as conn:
        assert conn.scalar(select(func.count()).select_from(EVENTS)) == 1


@given(st.binary(max_size=400))
def test_no_bytes_raise_or_change_anything(raw):
    reader = bootstrap.bounces(Keys(SECRET), lambda: START)
    assert events_of(reader, raw) == []
