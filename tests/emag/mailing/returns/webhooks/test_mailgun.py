"""Tests Mailgun's webhooks: their signature, their age and every kind of event."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.errors import ForgedReport, ReportError
from emag.mailing.event import EventKind
from emag.mailing.returns import reports
from emag.mailing.returns.webhooks.mailgun import MailgunFeedback
from tests.conftest import START

E = EventKind
KEY = "the-signing-key-of-the-tests"


def signed(record: object, token: str = "token-1", at: datetime = START, key: str = KEY) -> bytes:
    stamp = str(int(at.timestamp()))
    right = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": stamp, "token": token, "signature": right}
    return json.dumps({"signature": signature, "event-data": record}).encode()


@pytest.fixture
def mailgun(clock):
    return MailgunFeedback(KEY, now=clock)


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, E.HARD),
        ({"severity": "temporary"}, E.DELAYED),
        ({"severity": None}, E.DELAYED),
        ({"delivery-status": {"code": 552, "message": "5.2.2 mailbox full"}}, E.SOFT),
        ({"delivery-status": {"code": 554, "message": "5.7.1 rejected as spam"}}, E.POLICY),
        ({"delivery-status": {"code": 550, "message": "no such user"}}, E.HARD),
        ({"delivery-status": None}, E.SOFT),
        ({"reason": "suppress-bounce"}, E.HARD),
        ({"reason": "suppress-complaint"}, E.COMPLAINT),
        ({"reason": "suppress-unsubscribe"}, E.UNSUBSCRIBED),
    ],
)
def test_each_failure_is_judged(mailgun, payload, mark, changed, kind):
    [event] = mailgun.read({}, signed(payload("mailgun_failed", mark) | changed))
    assert (event.kind, event.mark, event.provider) == (kind, mark, "mailgun")
    assert event.address == "ann@example.net"
    assert event.at == datetime(2026, 3, 5, 8, 30, 0, 500_000, tzinfo=UTC)
    assert "@" not in event.detail


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("accepted", E.ACCEPTED),
        ("delivered", E.DELIVERED),
        ("complained", E.COMPLAINT),
        ("unsubscribed", E.UNSUBSCRIBED),
        ("rejected", E.POLICY),
        ("stored", E.NONE),
        ("opened", E.NONE),
        ("clicked", E.NONE),
    ],
)
def test_each_other_event_has_a_kind(mailgun, payload, mark, word, kind):
    [event] = mailgun.read({}, signed({**payload("mailgun_delivered", mark), "event": word}))
    assert (event.kind, event.mark) == (kind, mark)


def test_the_mark_is_found_in_each_place(mailgun, payload, mark):
    bare = payload("mailgun_failed")
    for record in (
        {**bare, "user-variables": {"emag_delivery": mark}},
        {**bare, "envelope": {"sender": f"bounces+{mark}@example.org"}},
        {**bare, "message": {"headers": {"message-id": f"{mark}@example.org"}}},
    ):
        assert mailgun.read({}, signed(record))[0].mark == mark


@pytest.mark.parametrize("record", [{}, {"event": "sneezed"}, {"event": 7}])
def test_an_unknown_event_is_ignored(mailgun, record):
    assert mailgun.read({}, signed(record)) == []


@pytest.mark.parametrize("hours", [0, 8, 23, -1])
def test_a_late_post_counts(mailgun, payload, hours):
    at = START - timedelta(hours=hours)
    assert mailgun.read({}, signed(payload("mailgun_failed"), at=at))


@pytest.mark.parametrize("days", [2, 400, -2])
def test_an_old_signature_is_refused(mailgun, payload, days):
    with pytest.raises(ForgedReport):
        mailgun.read({}, signed(payload("mailgun_failed"), at=START - timedelta(days=days)))


def test_a_signature_counts_once_with_any_event(mailgun, payload, mark, database):
    """The event itself is not signed, so a leaked signature must not carry another event."""
    first = signed(payload("mailgun_delivered", mark))
    other = signed({**payload("mailgun_failed", mark), "recipient": "ben@example.net"})
    with database.transaction() as conn:
        assert reports.record(conn, mailgun.read({}, first)) == 1
        assert reports.record(conn, mailgun.read({}, first)) == 0
        assert reports.record(conn, mailgun.read({}, other)) == 0


@pytest.mark.parametrize(
    "signature",
    [
        None,
        {},
        "x",
        {"timestamp": "1772701200"},
        {"timestamp": "1772701200", "token": "t", "signature": "0" * 64},
        {"timestamp": "1772701200", "token": "t", "signature": "ö"},
        {"timestamp": 1772701200, "token": ["t"], "signature": 7},
        {
            "timestamp": "soon",
            "token": "t",
            "signature": hmac.new(KEY.encode(), b"soont", hashlib.sha256).hexdigest(),
        },
        {
            "timestamp": "1772701200",
            "token": "",
            "signature": hmac.new(KEY.encode(), b"1772701200", hashlib.sha256).hexdigest(),
        },
    ],
)
def test_an_invalid_signature_is_refused(mailgun, payload, signature):
    body = {"signature": signature, "event-data": payload("mailgun_failed")}
    with pytest.raises(ForgedReport):
        mailgun.read({}, json.dumps(body).encode())


def test_another_key_is_refused(mailgun, payload):
    with pytest.raises(ForgedReport):
        mailgun.read({}, signed(payload("mailgun_failed"), key="another"))


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"\xff", signed(None), signed([7])])
def test_a_report_that_cannot_be_read(mailgun, body):
    with pytest.raises(ReportError):
        mailgun.read({}, body)


NAMES = st.sampled_from(
    [
        "severity",
        "reason",
        "timestamp",
        "recipient",
        "envelope",
        "delivery-status",
        "code",
        "message",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)


@given(
    st.dictionaries(NAMES, VALUES, max_size=8), st.sampled_from(["failed", "rejected", "opened"])
)
def test_any_event_is_read_or_ignored(record, word):
    mailgun = MailgunFeedback(KEY, now=lambda: START)
    [event] = mailgun.read({}, signed({**record, "event": word}))
    assert event.at.tzinfo
