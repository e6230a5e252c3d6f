"""Tests SendGrid's event webhook: the signature over the raw body, and every kind of event."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from emag.errors import ForgedReport, ReportError, SettingsError
from emag.mailing.event import EventKind
from emag.mailing.returns.webhooks.sendgrid import SendGridFeedback

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


def public(key) -> str:
    """As SendGrid's page shows it: one line of base64."""
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def signed(key, body: bytes, at: str = "1772701200") -> dict[str, str]:
    raw = key.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {SIGNATURE: base64.b64encode(raw).decode(), TIMESTAMP: at, "content-type": "x"}


@pytest.fixture
def read(key):
    feedback = SendGridFeedback(public(key))

    def read(*entries):
        # Bodies end in CRLF and have it between events: the raw bytes are signed.
        body = b"[" + b",\r\n".join(json.dumps(e).encode() for e in entries) + b"]\r\n"
        return feedback.read(signed(key, body), body)

    return read


def event(kind: str, **more):
    return {
        "email": "ann@example.net",
        "timestamp": 1772701100,
        "event": kind,
        "sg_event_id": f"id-{kind}",
        "emag_delivery": "7-mark",
        **more,
    }


E = EventKind
WORDS = [
    (event("processed"), E.ACCEPTED),
    (event("delivered", response="250 OK"), E.DELIVERED),
    (event("deferred", response="400 try again", attempt="5"), E.DELAYED),
    (event("bounce", type="bounce", status="5.1.1", reason="550 5.1.1 unknown"), E.HARD),
    (event("bounce", type="bounce", status="5.0.0", reason="500 unknown"), E.HARD),
    (event("bounce", status="5.1.1", reason="unknown"), E.HARD),
    (event("bounce", type="blocked", status="5.2.2", reason="552 5.2.2 full"), E.SOFT),
    (event("bounce", type="blocked", status="5.0.0", reason="500 unknown"), E.POLICY),
    (event("bounce", type="bounce", status="5.7.1", reason="550 5.7.1 spam"), E.POLICY),
    (event("bounce", type="bounce", status="", reason="552 5.2.2 over quota"), E.SOFT),
    (event("dropped", reason="Bounced Address", status="5.0.0"), E.HARD),
    (event("dropped", reason="Unsubscribed Address"), E.UNSUBSCRIBED),
    (event("dropped", reason="Spam Reporting Address"), E.COMPLAINT),
    (event("dropped", reason="Invalid"), E.HARD),
    (event("dropped", reason="Invalid SMTPAPI header"), E.POLICY),
    (event("dropped", reason="Recipient List over Package Quota"), E.POLICY),
    (event("dropped", reason="Something new"), E.POLICY),
    (event("spamreport"), E.COMPLAINT),
    (event("unsubscribe"), E.UNSUBSCRIBED),
    (event("group_unsubscribe", asm_group_id=10), E.UNSUBSCRIBED),
    (event("group_resubscribe", asm_group_id=10), E.NONE),
    (event("open", useragent="x", ip="192.0.2.1"), E.NONE),
    (event("click", url="https://example.org"), E.NONE),
]


@pytest.mark.parametrize(("entry", "kind"), WORDS, ids=lambda v: str(v)[:40])
def test_each_event_has_a_kind(read, entry, kind):
    [got] = read(entry)
    assert got.kind is kind
    assert got.provider == "sendgrid"
    assert got.id == entry["sg_event_id"]
    assert got.mark == "7-mark"
    assert got.address == "ann@example.net"
    assert got.at == datetime(2026, 3, 5, 8, 58, 20, tzinfo=UTC)


def test_the_detail_names_no_address(read):
    reason = "550 5.1.1 <ann@example.net>: Recipient address rejected"
    [got] = read(event("bounce", type="bounce", status="5.1.1", reason=reason))
    assert "@" not in got.detail
    assert got.detail.startswith("5.1.1 550 5.1.1")


def test_odd_entries_do_not_hide_the_others(read):
    odd = [
        42,
        None,
        "open",
        [],
        {},
        {"userid": "1123"},
        event("account_status_change"),
        event("delivered", email=None, timestamp="soon", emag_delivery=["x"], sg_event_id=9),
        event("delivered", timestamp=1e400, category=["a", "b"], attempt=5),
        event("delivered", timestamp=-1),
    ]
    got = read(event("spamreport"), *odd, event("delivered"))
    assert [e.kind for e in got] == [E.COMPLAINT, *[E.DELIVERED] * 4]
    assert got[1].at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC), "the time of the report is used"
    assert (got[1].address, got[1].mark) == ("", "")


def test_a_time_in_milliseconds_is_recognised(read):
    [got] = read(event("delivered", timestamp=1772701100000))
    assert got.at == datetime(2026, 3, 5, 8, 58, 20, tzinfo=UTC)


def test_an_event_without_an_id_still_counts_once(read):
    bare = {k: v for k, v in event("delivered").items() if k != "sg_event_id"}
    [one], [same], [other] = read(bare), read(bare), read({**bare, "timestamp": 1})
    assert one.id == same.id != other.id


@pytest.mark.parametrize("body", [b"", b"nonsense", b"{}", b"null", b"\xff"])
def test_a_signed_report_that_cannot_be_read(key, body):
    with pytest.raises(ReportError) as caught:
        SendGridFeedback(public(key)).read(signed(key, body), body)
    assert not isinstance(caught.value, ForgedReport)


def test_a_changed_report_is_refused(key):
    feedback = SendGridFeedback(public(key))
    body = json.dumps([event("spamreport")]).encode()
    good = signed(key, body)
    assert len(feedback.read(good, body)) == 1
    other = signed(ec.generate_private_key(ec.SECP256R1()), body)
    forged = [
        {},
        {TIMESTAMP: good[TIMESTAMP]},
        {SIGNATURE: good[SIGNATURE]},
        {**good, TIMESTAMP: "1772701201"},
        {**good, SIGNATURE: "not base64!"},
        {**good, SIGNATURE: "ö"},
        {**good, SIGNATURE: ""},
        {**good, SIGNATURE: base64.b64encode(b"short").decode()},
        other,
    ]
    for headers in forged:
        with pytest.raises(ForgedReport):
            feedback.read(headers, body)
    with pytest.raises(ForgedReport):
        feedback.read(good, body + b" ")


def test_an_old_report_is_no_forgery(key):
    """SendGrid repeats a report for a day, and every event counts once."""
    body = json.dumps([event("delivered")]).encode()
    assert SendGridFeedback(public(key)).read(signed(key, body, "1500000000"), body)


def test_a_key_with_armour_lines_is_read(key):
    armour = f"-----BEGIN PUBLIC KEY-----\n{public(key)}\n-----END PUBLIC KEY-----\n"
    body = b"[]"
    assert SendGridFeedback(armour).read(signed(key, body), body) == []


def test_an_invalid_key_is_a_fault_of_the_settings():
    wrong = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for text in ("", "hello", "aGVsbG8=", public(wrong)):
        with pytest.raises(SettingsError, match="EMAG_SENDGRID_WEBHOOK_KEY"):
            SendGridFeedback(text)


def test_the_published_vectors_hold(corpus):
    for vector in json.loads((corpus / "sendgrid/event_signature_vectors.json").read_text()):
        body = (corpus / "sendgrid" / vector["body"]).read_bytes()
        headers = {SIGNATURE: vector["signature"], TIMESTAMP: vector["timestamp"]}
        feedback = SendGridFeedback(vector["public_key"])
        if vector["expect"]:
            [got] = feedback.read(headers, body)
            assert got.kind is EventKind.HARD
        else:
            with pytest.raises(ForgedReport):
                feedback.read(headers, body)


DOCUMENTED = {
    "processed": {E.ACCEPTED},
    "delivered": {E.DELIVERED},
    "deferred": {E.DELAYED},
    "bounce": {E.HARD, E.SOFT, E.POLICY},
    "dropped": {E.HARD, E.UNSUBSCRIBED, E.COMPLAINT, E.POLICY},
    "spamreport": {E.COMPLAINT},
    "unsubscribe": {E.UNSUBSCRIBED},
    "group_unsubscribe": {E.UNSUBSCRIBED},
}


def test_every_documented_event_is_known(corpus, read):
    batches = json.loads((corpus / "sendgrid/event_examples_from_docs.json").read_text())
    words = set()
    for batch in batches:
        got = read(*batch)
        assert len(got) == sum("event" in entry for entry in batch)
        for entry, converted in zip((e for e in batch if "event" in e), got, strict=True):
            word = entry["event"].lower()
            words.add(word)
            assert converted.kind in DOCUMENTED.get(word, {E.NONE})
            assert converted.at.year in range(1970, 2030)
    assert set(DOCUMENTED) <= words
