"""Tests the feedback hooks with arbitrary bytes and JSON: never 500, never 200 when unsigned."""

import json
from dataclasses import replace
from functools import cache

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emag.demo import hosting
from emag.mailing.returns.webhooks.mailgun import MailgunFeedback
from emag.mailing.returns.webhooks.postmark import PostmarkFeedback
from emag.mailing.returns.webhooks.sendgrid import SendGridFeedback
from emag.mailing.returns.webhooks.ses import SesFeedback
from emag.web import app as web
from tests.conftest import START
from tests.emag.mailing.returns.webhooks import test_mailgun, test_postmark, test_sendgrid, test_ses

PROVIDERS = ["mailgun", "postmark", "sendgrid", "ses"]
REFUSED = {400, 401, 403, 413}
SENDGRID_KEY = ec.generate_private_key(ec.SECP256R1())
SURROGATE = "\ud800"
NAMES = st.sampled_from(
    [
        *("signature", "event-data", "timestamp", "token", "event", "severity", "recipient"),
        *("delivery-status", "message", "headers", "message-id", "user-variables", "emag_delivery"),
        *("RecordType", "Type", "Details", "Email", "ID", "MessageID", "Metadata", "Content"),
        *("BouncedAt", "email", "status", "reason", "sg_event_id", "smtp-id", "type"),
        *("Message", "MessageId", "TopicArn", "SigningCertURL", "SignatureVersion", "Signature"),
        *("notificationType", "bounce", "bounceType", "bouncedRecipients", "emailAddress"),
        *("diagnosticCode", "complaint", "complainedRecipients", "mail", "source", "commonHeaders"),
    ]
)
WORDS = st.sampled_from(
    [
        *("failed", "permanent", "delivered", "complained", "Bounce", "HardBounce", "Delivery"),
        *("bounce", "dropped", "blocked", "Permanent", "Complaint", "Notification", "1", "2"),
        *(SURROGATE, f"a{SURROGATE}@example.net", "\0", "a\0b@example.net", "\u202e", "9" * 400),
        *("1772701200", "-1", "1e999", "nan", "0001-01-01T00:00:00+14:00", test_ses.TOPIC),
        *("9999-12-31T23:59:59-14:00", "https://sns.eu-west-2.amazonaws.com/x.pem", "https://["),
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)
JSON = VALUES.map(lambda value: json.dumps(value).encode())
DEEP = b"[" * 100_000
FAST = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@cache
def amazon():
    return test_ses.Amazon()


@pytest.fixture(scope="module", autouse=True)
def _amazon():
    yield
    amazon().close()


@pytest.fixture
def client(press):
    now = press.newsroom.now
    feedback = {
        "mailgun": MailgunFeedback(test_mailgun.KEY, now=now),
        "postmark": PostmarkFeedback("emag", "a:long-one", now=now),
        "sendgrid": SendGridFeedback(test_sendgrid.public(SENDGRID_KEY)),
        "ses": SesFeedback([test_ses.TOPIC], now=now, fetch=amazon().fetch),
    }
    app = web.create(replace(press.newsroom, feedback=feedback), nudge=None)
    with (
        hosting.listen(0) as listener,
        hosting.serving(app, listener) as base,
        httpx.Client(base_url=base, timeout=30) as client,
    ):
        yield client


def post(client, provider: str, body: bytes, headers: dict[str, str] | None = None) -> int:
    answer = client.post(f"/hooks/feedback/{provider}", content=body, headers=headers or {})
    return answer.status_code


@pytest.mark.parametrize("provider", PROVIDERS)
@FAST
@given(body=JSON | st.binary(max_size=200))
@example(body=b"")
@example(body=b"junk")
@example(body=b"{}")
@example(body=b"[]")
@example(body=b"\xff\xfe")
@example(body=DEEP)
@example(body=b'{"signature": {"timestamp": "\\ud800", "token": "\\ud800", "signature": "x"}}')
@example(body=b'{"a": ' + b"9" * 5000 + b"}")
def test_an_unsigned_post_is_refused(client, press, provider, body):
    before = press.dump()
    assert post(client, provider, body) in REFUSED
    assert press.dump() == before


def signed(provider: str, value: object) -> tuple[bytes, dict[str, str]]:
    """A post with a valid signature around any value."""
    if provider == "mailgun":
        return test_mailgun.signed(value, at=START), {}
    if provider == "ses":
        return amazon().post(value), {}
    body = json.dumps(value).encode()
    if provider == "postmark":
        return body, test_postmark.authorization()
    return body, test_sendgrid.signed(SENDGRID_KEY, body)


SURROGATES = {
    "RecordType": "Bounce",
    "Type": "HardBounce",
    "Details": f"smtp;550 5.1.1 {SURROGATE}",
    "Email": f"a{SURROGATE}@example.net",
    "MessageID": SURROGATE,
    "event": "failed",
    "severity": "permanent",
    "recipient": f"a{SURROGATE}\0@example.net",
    "notificationType": "Bounce",
    "bounce": {"bouncedRecipients": [{"emailAddress": SURROGATE, "status": "\0"}]},
    "mail": {"source": SURROGATE},
}


@pytest.mark.parametrize("provider", PROVIDERS)
@FAST
@given(value=VALUES | st.lists(st.dictionaries(NAMES, VALUES, max_size=6), max_size=3))
@example(value=SURROGATES)
@example(value=[{**SURROGATES, "event": "bounce", "email": SURROGATE, "sg_event_id": SURROGATE}])
def test_a_signed_post_of_anything_is_no_error_of_the_server(client, provider, value):
    body, headers = signed(provider, value)
    assert post(client, provider, body, headers) < 500


@pytest.mark.parametrize("provider", ["postmark", "sendgrid"])
def test_a_signed_post_that_nests_too_deeply_is_no_error_of_the_server(client, provider):
    if provider == "postmark":
        headers = test_postmark.authorization()
    else:
        headers = test_sendgrid.signed(SENDGRID_KEY, DEEP)
    assert post(client, provider, DEEP, headers) == 200
