"""Tests that a provider's event settles a delivery whose SMTP answer was lost.

Each event is built from what the provider's server received, as the provider documents it.
"""

import json
from dataclasses import dataclass, field
from email import message_from_bytes

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from emag.mailing.returns import reports
from emag.mailing.returns.webhooks.mailgun import MailgunFeedback
from emag.mailing.returns.webhooks.postmark import PostmarkFeedback
from emag.mailing.returns.webhooks.sendgrid import SendGridFeedback
from emag.mailing.returns.webhooks.ses import SesFeedback
from emag.mailing.sending import deliver
from emag.mailing.sending.address import address
from emag.mailing.sending.sender import Sender, Terms
from emag.mailing.tables import DELIVERIES
from emag.mailing.transports.smtp import SmtpTransport
from emag.settings.tables import TransportSettings
from subscribers import roll
from tests.emag.mailing.returns.webhooks.test_mailgun import KEY
from tests.emag.mailing.returns.webhooks.test_mailgun import signed as by_mailgun
from tests.emag.mailing.returns.webhooks.test_postmark import authorization
from tests.emag.mailing.returns.webhooks.test_sendgrid import public
from tests.emag.mailing.returns.webhooks.test_sendgrid import signed as by_sendgrid
from tests.emag.mailing.returns.webhooks.test_ses import TOPIC, Amazon

PREFIX = "x-pm-metadata-"
POSTMARK = {"mark_header": "X-PM-Metadata-emag_delivery"}
REPORTS = {"delivered": "delivered", "bounced": "bounced", "complained": "complained"}


@dataclass
class SentMessage:
    """What a provider's server has of a message."""

    sender: str
    recipient: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    def get(self, name: str) -> str:
        return next(value for key, value in self.fields if key.lower() == name)


def postmark(message: SentMessage, event: str, **_):
    """Postmark keeps its own number, and the values of the fields with its prefix."""
    metadata = {
        name[len(PREFIX) :]: value
        for name, value in message.fields
        if name.lower().startswith(PREFIX)
    }
    record = {
        "delivered": {"RecordType": "Delivery", "DeliveredAt": "2026-03-05T08:01:00Z"},
        "bounced": {"RecordType": "Bounce", "Type": "HardBounce", "ID": 7, "Email": "x"},
        "complained": {"RecordType": "SpamComplaint", "ID": 8},
    }[event]
    payload = {"MessageID": "883953f4-0000-4000-8000-a77a8eac7948", "Metadata": metadata, **record}
    return authorization(), json.dumps({**payload, "Recipient": message.recipient}).encode()


def mailgun(message: SentMessage, event: str, *, clock, **_):
    """Mailgun keeps the Message-ID without brackets, and rewrites the envelope sender."""
    payload = {
        "event": {"bounced": "failed"}.get(event, event),
        "severity": "permanent",
        "delivery-status": {"code": 550, "message": "5.1.1 no such user"},
        "recipient": message.recipient,
        "envelope": {"sender": "crier@example.org", "targets": message.recipient},
        "message": {"headers": {"message-id": message.get("message-id").strip("<>")}},
        "user-variables": {},
        "timestamp": clock().timestamp(),
    }
    return {}, by_mailgun(payload, at=clock())


def ses(message: SentMessage, event: str, *, amazon, headers: bool, **_):
    """SES replaces the Message-ID; `mail` holds the envelope sender, or the first header."""
    person = {
        "emailAddress": message.recipient,
        "status": "5.1.1",
        "diagnosticCode": "no such user",
    }
    payload = {
        "delivered": {"eventType": "Delivery", "delivery": {"recipients": [message.recipient]}},
        "bounced": {
            "notificationType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": [person]},
        },
        "complained": {
            "notificationType": "Complaint",
            "complaint": {"complainedRecipients": [person]},
        },
    }[event]
    mail = {"messageId": "0100-number-of-amazon", "source": message.sender}
    if headers:
        mail["source"] = "crier@example.org"
        mail["headers"] = [{"name": n, "value": v} for n, v in message.fields]
    return {}, amazon.post({**payload, "mail": mail})


def sendgrid(message: SentMessage, event: str, *, key, **_):
    """By SMTP, SendGrid has no custom arguments; “smtp-id” is the Message-ID that we sent."""
    entry = {
        "event": {"bounced": "bounce", "complained": "spamreport"}.get(event, event),
        "sg_event_id": f"id-{event}",
        "timestamp": 1772701100,
        "email": message.recipient,
        "smtp-id": message.get("message-id"),
        "status": "5.1.1",
    }
    body = json.dumps([entry]).encode()
    return by_sendgrid(key, body), body


PROVIDERS = {
    "postmark": (postmark, POSTMARK, {}),
    "mailgun": (mailgun, {}, {}),
    "ses by its sender": (ses, {}, {"headers": False}),
    "ses by its headers": (ses, {}, {"headers": True}),
    "sendgrid": (sendgrid, {}, {}),
}


@pytest.fixture(scope="module")
def amazon():
    server = Amazon()
    yield server
    server.close()


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def readers_of(amazon, key, clock):
    """Each provider's reader, with its signature check."""
    return {
        "postmark": PostmarkFeedback("emag", "a:long-one", now=clock),
        "mailgun": MailgunFeedback(KEY, now=clock),
        "ses": SesFeedback([TOPIC], now=clock, fetch=amazon.fetch),
        "sendgrid": SendGridFeedback(public(key)),
    }


@pytest.fixture
def doubtful(relay, database, approved, readers, quick, keys, clock):
    """Sends one message to a server that accepts it and closes the connection."""

    def send(**transport) -> SentMessage:
        server = relay(faults={"answer": "drop"})
        options = {"kind": "smtp", "host": "127.0.0.1", "connections": 1, **transport}
        readers(1)
        number = approved()
        address(database, number, now=clock(), by="ann")
        smtp = SmtpTransport("127.0.0.1", server.port, security="none", timeout=5)
        settings = quick(**options)
        deliver.deliver(
            Sender(database, smtp, Terms.of(settings), clock),
            number,
            settings=settings,
            keys=keys,
        )
        smtp.close()
        [accepted] = server.received
        return SentMessage(
            accepted.sender, accepted.recipient, list(message_from_bytes(accepted.data).items())
        )

    return send


def standing(database) -> tuple[str, str, str]:
    """The delivery's status, its report, and the reader's status."""
    with database.reading() as conn:
        row = conn.execute(select(DELIVERIES.c.status, DELIVERIES.c.report)).one()
        return row.status, row.report, roll.find(conn, "reader1@example.net").status


@pytest.mark.parametrize(
    ("event", "reader"),
    [("delivered", "active"), ("bounced", "bounced"), ("complained", "complained")],
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_provider_s_event_settles_the_delivery(
    doubtful, readers_of, database, keys, clock, amazon, key, provider, event, reader
):
    make, transport, how = PROVIDERS[provider]
    message = doubtful(**transport)
    assert standing(database) == ("doubtful", "", "active")
    headers, body = make(message, event, amazon=amazon, key=key, clock=clock, **how)
    for _ in range(2):
        events = readers_of[provider.partition(" ")[0]].read(headers, body)
        assert [event.mark for event in events] == [message.get("message-id")[1:].partition("@")[0]]
        with database.transaction() as conn:
            reports.record(conn, events)
        reports.apply(database, keys=keys, now=clock())
    assert standing(database) == ("accepted", REPORTS[event], reader)


def test_without_the_field_postmark_returns_no_mark(doubtful, readers_of, clock):
    message = doubtful()
    assert not [name for name, _ in message.fields if name.lower().startswith("x-pm-")]
    [event] = readers_of["postmark"].read(*postmark(message, "delivered", clock=clock))
    assert event.mark == ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"kind": "smtp", "host": "smtp.postmarkapp.com"}, "X-PM-Metadata-emag_delivery"),
        (
            {"kind": "smtp", "host": "SMTP-broadcasts.PostmarkApp.com"},
            "X-PM-Metadata-emag_delivery",
        ),
        ({"kind": "smtp", "host": "postmarkapp.com.example.org"}, ""),
        ({"kind": "smtp", "host": "notpostmarkapp.com"}, ""),
        ({"kind": "smtp", "host": "localhost"}, ""),
        ({"kind": "smtp", "host": "localhost", "mark_header": "X-Our-Mark"}, "X-Our-Mark"),
        ({"kind": "sendgrid", "host": "smtp.postmarkapp.com"}, ""),
        ({"kind": "folder", "mark_header": "X-Our-Mark"}, ""),
    ],
)
def test_the_field_is_sent_only_to_postmark(options, expected):
    assert TransportSettings(**options).marks_in == expected


@pytest.mark.parametrize("name", ["Subject", "X-A: b\r\nBcc", "X-", "X-A b", "To"])
def test_a_name_that_is_no_field_of_our_own_is_refused(name):
    with pytest.raises(ValueError, match="mark_header"):
        TransportSettings(mark_header=name)
