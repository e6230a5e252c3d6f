"""Tests Postmark's webhooks: their name and password, and every kind of record."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.errors import ForgedReport, ReportError
from emag.mailing.event import EventKind
from emag.mailing.returns.webhooks.postmark import PostmarkFeedback
from tests.conftest import START

E = EventKind


def authorization(name: str = "emag", password: str = "a:long-one") -> dict[str, str]:
    secret = base64.b64encode(f"{name}:{password}".encode()).decode()
    return {"authorization": f"Basic {secret}"}


@pytest.fixture
def postmark(clock):
    return PostmarkFeedback("emag", "a:long-one", now=clock)


@pytest.fixture
def read(postmark):
    return lambda record: postmark.read(authorization(), json.dumps(record).encode())


@pytest.mark.parametrize(
    ("word", "details", "kind"),
    [
        ("HardBounce", "smtp;550 5.1.1 no such user", E.HARD),
        ("BadEmailAddress", "", E.HARD),
        ("SoftBounce", "smtp;452 4.2.2 mailbox full", E.SOFT),
        ("SoftBounce", "smtp;554 5.7.1 rejected as spam", E.POLICY),
        ("DnsError", "no answer", E.SOFT),
        ("Transient", "smtp;421 busy", E.DELAYED),
        ("Blocked", "blocked by a list", E.POLICY),
        ("SpamNotification", "", E.POLICY),
        ("VirusNotification", "", E.POLICY),
        ("DMARCPolicy", "", E.POLICY),
        ("SpamComplaint", "", E.COMPLAINT),
        ("Unsubscribe", "", E.UNSUBSCRIBED),
        ("AutoResponder", "I am away", E.NONE),
        ("ChallengeVerification", "", E.NONE),
        ("Unknown", "smtp;550 5.1.1 no such user", E.SOFT),
        ("ManuallyDeactivated", "", E.SOFT),
        ("SomethingNew", "smtp;554 5.7.1 rejected as spam", E.POLICY),
    ],
)
def test_each_bounce_is_judged(read, payload, mark, word, details, kind):
    [event] = read({**payload("postmark_bounce", mark), "Type": word, "Details": details})
    assert (event.kind, event.mark, event.provider) == (kind, mark, "postmark")
    assert event.at == datetime(2026, 3, 5, 8, 30, tzinfo=UTC)
    assert event.address == "ann@example.net"
    assert "@" not in event.detail


def test_a_delivery_is_read(read, payload, mark):
    [event] = read(payload("postmark_delivery", mark))
    assert (event.kind, event.mark, event.address) == (E.DELIVERED, mark, "ann@example.net")


def test_a_mark_inside_the_bounce_is_found(read, payload, mark):
    record = {**payload("postmark_bounce"), "Metadata": {}, "Content": f"To: b+{mark}@example.org"}
    assert read(record)[0].mark == mark


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({}, E.UNSUBSCRIBED),
        ({"SuppressionReason": "HardBounce"}, E.HARD),
        ({"SuppressionReason": "SpamComplaint"}, E.COMPLAINT),
        ({"SuppressionReason": None}, E.UNSUBSCRIBED),
        ({"SuppressSending": False, "SuppressionReason": None}, E.NONE),
        ({"SuppressSending": "yes"}, E.NONE),
    ],
)
def test_each_reason_for_suppression_has_a_kind(read, payload, changed, kind):
    [event] = read(payload("postmark_change") | changed)
    assert event.kind is kind


@pytest.mark.parametrize("record", ["Open", "Click"])
def test_tracking_is_ignored(read, payload, record):
    [event] = read({**payload("postmark_delivery"), "RecordType": record})
    assert event.kind is E.NONE


@pytest.mark.parametrize("record", [{}, {"RecordType": "Inbound"}, {"RecordType": 7}])
def test_an_unknown_event_is_ignored(read, record):
    assert read(record) == []


def test_the_same_record_is_the_same_event(read, payload):
    bounce, delivery = payload("postmark_bounce"), payload("postmark_delivery")
    bare = {k: v for k, v in delivery.items() if k != "MessageID"}
    record = [bounce, {**bounce, "ID": 8}, delivery, {**delivery, "MessageID": "another"}, bare]
    ids = [read(one)[0].id for one in record]
    assert len(set(ids)) == len(record)
    assert ids == [read(one)[0].id for one in record]


def test_an_invalid_time_becomes_now(read, payload, clock):
    [event] = read({**payload("postmark_bounce"), "BouncedAt": "soon"})
    assert event.at == clock.at


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic ö"},
        {"authorization": "Bearer " + authorization()["authorization"].partition(" ")[2]},
        authorization(password="wrong"),
        authorization(name="somebody"),
        authorization(name="", password=""),
    ],
)
def test_without_the_name_and_password_nothing_is_read(postmark, payload, headers):
    with pytest.raises(ForgedReport):
        postmark.read(headers, json.dumps(payload("postmark_bounce")).encode())


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_a_report_that_cannot_be_read(postmark, body):
    with pytest.raises(ReportError) as caught:
        postmark.read(authorization(), body)
    assert not isinstance(caught.value, ForgedReport)


NAMES = st.sampled_from(
    [
        "RecordType",
        "Type",
        "Details",
        "Email",
        "BouncedAt",
        "ID",
        "MessageID",
        "Metadata",
        "Content",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)


@given(
    st.dictionaries(NAMES, VALUES, max_size=8),
    st.sampled_from(["Bounce", "Delivery", "SpamComplaint", "SubscriptionChange"]),
)
def test_any_record_is_read_or_ignored(record, record_type):
    postmark = PostmarkFeedback("emag", "a:long-one", now=lambda: START)
    for event in postmark.read(
        authorization(), json.dumps({**record, "RecordType": record_type}).encode()
    ):
        assert event.id
        assert event.at.tzinfo
