"""Tests Amazon SES: only signed posts from the topics in the settings are read."""

import base64
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from emag.errors import ForgedReport, ReportError, Unreachable
from emag.mailing.event import EventKind
from emag.mailing.returns.webhooks.ses import SesFeedback
from tests.conftest import START

TOPIC = "arn:aws:sns:eu-west-2:123456789012:bounces"
HOST = "https://sns.eu-west-2.amazonaws.com"
E = EventKind
ORDER = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "other": (*("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),),
}
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


class Amazon:
    """Amazon's key, its certificate on a running server, and the requests to that server."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pages = {"/signing.pem": certificate(self.key), "/": b"<ConfirmSubscription/>"}
        self.requests: list[str] = []
        amazon = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                amazon.requests.append(self.path)
                page = amazon.pages.get(urlsplit(self.path).path)
                self.send_response(200 if page else 503)
                self.end_headers()
                self.wfile.write(page or b"")

            def log_message(self, *_: object):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def fetch(self, url: str) -> bytes:
        """What the world would give for that url, from here."""
        parts = urlsplit(url)
        here = f"http://127.0.0.1:{self.server.server_port}{parts.path}?{parts.query}"
        try:
            return httpx.get(here).raise_for_status().content
        except httpx.HTTPError as error:
            raise Unreachable("Amazon cannot be reached") from error

    def post(self, notification: object, **changed: str) -> bytes:
        """A signed envelope; `key` is another's, `unsigned` changes what was signed."""
        key = changed.pop("key", self.key)
        unsigned = changed.pop("unsigned", {})
        envelope = {
            "Type": "Notification",
            "MessageId": "message-1",
            "TopicArn": TOPIC,
            "Message": notification if isinstance(notification, str) else json.dumps(notification),
            "Timestamp": "2026-03-05T08:30:01.000Z",
            "SignatureVersion": "2",
            "SigningCertURL": f"{HOST}/signing.pem",
            **changed,
        }
        names = ORDER.get(envelope["Type"], ORDER["other"])
        signed = "".join(f"{n}\n{envelope[n]}\n" for n in names if n in envelope)
        algorithm = HASHES.get(envelope["SignatureVersion"], hashes.SHA256)()
        raw = key.sign(signed.encode(), padding.PKCS1v15(), algorithm)
        envelope["Signature"] = base64.b64encode(raw).decode()
        return json.dumps(envelope | unsigned).encode()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def certificate(key) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return builder.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def _amazon():
    amazon = Amazon()
    yield amazon
    amazon.close()


@pytest.fixture
def amazon(_amazon):
    _amazon.requests.clear()
    return _amazon


@pytest.fixture
def ses(amazon, clock):
    return SesFeedback([TOPIC], now=clock, fetch=amazon.fetch)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("name", "kind", "minute"),
    [
        ("ses_bounce", E.HARD, 30),
        ("ses_complaint", E.COMPLAINT, 40),
        ("ses_delivery", E.DELIVERED, 1),
        ("ses_delay", E.DELAYED, 5),
    ],
)
def test_each_notification_has_a_kind(amazon, ses, payload, mark, version, name, kind, minute):
    [event] = ses.read({}, amazon.post(payload(name, mark), SignatureVersion=version))
    assert (event.kind, event.mark, event.provider) == (kind, mark, "ses")
    assert event.at == datetime(2026, 3, 5, 8, minute, tzinfo=UTC)
    assert event.address == "ann@example.net"
    assert "@" not in event.detail


@pytest.mark.parametrize(
    ("subtype", "kind", "changed"),
    [
        ("Permanent", E.HARD, {}),
        ("Transient", E.SOFT, {}),
        ("Permanent", E.SOFT, {"status": "5.2.2", "diagnosticCode": "smtp; 552 5.2.2 full"}),
        ("Permanent", E.POLICY, {"status": "5.7.1", "diagnosticCode": "smtp; 554 5.7.1 spam"}),
        ("Undetermined", E.SOFT, {"status": "", "diagnosticCode": ""}),
    ],
)
def test_each_bounce_is_judged(amazon, ses, payload, subtype, kind, changed):
    notification = payload("ses_bounce")
    notification["bounce"]["bounceType"] = subtype
    notification["bounce"]["bouncedRecipients"][0] |= changed
    [event] = ses.read({}, amazon.post(notification))
    assert event.kind is kind


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("not-spam", E.NONE),
        ("auth-failure", E.NONE),
        ("virus", E.COMPLAINT),
        (None, E.COMPLAINT),
    ],
)
def test_each_complaint_is_judged(amazon, ses, payload, kind, expected):
    notification = payload("ses_complaint")
    notification["complaint"]["complaintFeedbackType"] = kind
    [event] = ses.read({}, amazon.post(notification))
    assert event.kind is expected


@pytest.mark.parametrize(("word", "kind"), [("Send", E.ACCEPTED), ("Reject", E.POLICY)])
def test_events_without_a_recipient_have_a_kind(amazon, ses, payload, mark, word, kind):
    notification = {"eventType": word, "mail": payload("ses_bounce", mark)["mail"]}
    [event] = ses.read({}, amazon.post(notification))
    assert (event.kind, event.mark) == (kind, mark)


def test_odd_recipients_do_not_hide_the_others(amazon, ses, payload):
    notification = payload("ses_bounce")
    notification["bounce"]["bouncedRecipients"] += [
        7,
        None,
        "x",
        {},
        {"emailAddress": "ben@example.net"},
    ]
    events = ses.read({}, amazon.post(notification))
    assert [e.address for e in events] == ["ann@example.net", "", "ben@example.net"]
    assert len({e.id for e in events}) == 3


def test_the_same_post_gives_the_same_events(amazon, ses, payload):
    body = amazon.post(payload("ses_bounce"))
    assert ses.read({}, body) == ses.read({}, body)
    [other] = ses.read({}, amazon.post(payload("ses_bounce"), MessageId="message-2"))
    assert other.id != ses.read({}, body)[0].id


@pytest.mark.parametrize(
    "notification", [{}, {"eventType": "Sneeze"}, {"eventType": "Open"}, {"eventType": 7}]
)
def test_an_unknown_event_is_ignored(amazon, ses, notification):
    assert ses.read({}, amazon.post(notification)) == []


@pytest.mark.parametrize("notification", ["", "nonsense", "[]", "7", "null"])
def test_a_signed_notification_that_cannot_be_read(amazon, ses, notification):
    with pytest.raises(ReportError) as caught:
        ses.read({}, amazon.post(notification))
    assert not isinstance(caught.value, ForgedReport)


def test_the_certificate_is_fetched_once(amazon, ses, payload):
    for _ in range(3):
        ses.read({}, amazon.post(payload("ses_bounce")))
    assert len(amazon.requests) == 1


OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
FORGED = {
    "another key": {"key": OTHER},
    "another topic": {"TopicArn": TOPIC + "-of-somebody-else"},
    "another message": {"unsigned": {"Message": '{"eventType": "Send"}'}},
    "another subject": {"unsigned": {"Subject": "x"}},
    "no signature": {"unsigned": {"Signature": ""}},
    "odd signature": {"unsigned": {"Signature": "not base64!"}},
    "a list as signature": {"unsigned": {"Signature": [1]}},
    "an unknown version": {"SignatureVersion": "3"},
    "an unknown type": {"Type": "Surprise"},
    "another host": {"SigningCertURL": "https://sns.example.com/signing.pem"},
    "a host that only begins so": {
        "SigningCertURL": "https://sns.eu-west-2.amazonaws.com.example.com/signing.pem"
    },
    "a host that only ends so": {
        "SigningCertURL": "https://example.com/sns.eu-west-2.amazonaws.com/signing.pem"
    },
    "another service": {"SigningCertURL": "https://s3.eu-west-2.amazonaws.com/signing.pem"},
    "a user": {"SigningCertURL": "https://sns.eu-west-2.amazonaws.com@example.com/signing.pem"},
    "a port": {"SigningCertURL": "https://sns.eu-west-2.amazonaws.com:8443/signing.pem"},
    "an odd port": {"SigningCertURL": "https://sns.eu-west-2.amazonaws.com:x/signing.pem"},
    "no https": {"SigningCertURL": "http://sns.eu-west-2.amazonaws.com/signing.pem"},
    "no certificate": {"SigningCertURL": f"{HOST}/signing.txt"},
    "no url": {"SigningCertURL": ""},
    "a storage bucket": {"SigningCertURL": "https://sns.s3-us-west-2.amazonaws.com/signing.pem"},
    "a bucket in the region": {
        "SigningCertURL": "https://sns.s3-eu-west-2.amazonaws.com/signing.pem"
    },
    "a static site": {
        "SigningCertURL": "https://sns.s3-website-eu-west-2.amazonaws.com/signing.pem"
    },
    "another region": {"SigningCertURL": "https://sns.us-west-2.amazonaws.com/signing.pem"},
    "another partition": {"SigningCertURL": "https://sns.eu-west-2.amazonaws.com.cn/signing.pem"},
    "no region": {"SigningCertURL": "https://sns.amazonaws.com/signing.pem"},
    "a query": {"SigningCertURL": f"{HOST}/signing.pem?x=.pem"},
    "a folder above": {"SigningCertURL": f"{HOST}/../signing.pem"},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_post_that_cannot_be_verified_is_refused(amazon, ses, payload, how):
    with pytest.raises(ForgedReport):
        ses.read({}, amazon.post(payload("ses_bounce"), **FORGED[how]))
    assert set(amazon.requests) <= {"/signing.pem?"}, "no other host is asked"


HOSTS = st.from_regex(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?", fullmatch=True)


@given(HOSTS)
def test_only_the_host_of_the_topic_s_own_region_is_asked(host):
    requests = []
    ses = SesFeedback([TOPIC], now=lambda: START, fetch=lambda url: requests.append(url) or b"")
    envelope = {"Type": "Notification", "TopicArn": TOPIC, "SignatureVersion": "2"}
    envelope["SigningCertURL"] = f"https://{host}/signing.pem"
    with pytest.raises(ForgedReport):
        ses.read({}, json.dumps(envelope).encode())
    assert not requests or host == "sns.eu-west-2.amazonaws.com"


CHINA = "arn:aws-cn:sns:cn-north-1:123456789012:bounces"


def test_a_topic_in_china_has_its_own_hosts(amazon, clock, payload):
    url = "https://sns.cn-north-1.amazonaws.com.cn/signing.pem"
    body = amazon.post(payload("ses_bounce"), TopicArn=CHINA, SigningCertURL=url)
    assert len(SesFeedback([CHINA], now=clock, fetch=amazon.fetch).read({}, body)) == 1


@pytest.mark.parametrize("topic", ["", "arn:aws:sns:s3-us-west-2:1:x", "arn:aws:sqs:eu-west-2:1:x"])
def test_a_text_that_is_no_topic_verifies_nothing(amazon, clock, payload, topic):
    body = amazon.post(payload("ses_bounce"), TopicArn=topic)
    with pytest.raises(ForgedReport):
        SesFeedback([topic], now=clock, fetch=amazon.fetch).read({}, body)


@pytest.mark.parametrize("page", [b"no certificate", b""])
def test_a_page_that_is_no_certificate_is_refused(amazon, clock, payload, page):
    ses = SesFeedback([TOPIC], now=clock, fetch=lambda _: page)
    with pytest.raises(ForgedReport):
        ses.read({}, amazon.post(payload("ses_bounce")))


def test_a_certificate_with_another_kind_of_key_is_refused(amazon, clock, payload):
    page = certificate(ec.generate_private_key(ec.SECP256R1()))
    ses = SesFeedback([TOPIC], now=clock, fetch=lambda _: page)
    with pytest.raises(ForgedReport):
        ses.read({}, amazon.post(payload("ses_bounce")))


def test_a_certificate_that_cannot_be_fetched_now_is_no_forgery(amazon, ses, payload):
    body = amazon.post(payload("ses_bounce"), SigningCertURL=f"{HOST}/away.pem")
    with pytest.raises(Unreachable):
        ses.read({}, body)
    amazon.pages["/away.pem"] = amazon.pages["/signing.pem"]
    assert len(ses.read({}, body)) == 1


INVITATION = {
    "Type": "SubscriptionConfirmation",
    "Token": "t",
    "SubscribeURL": f"{HOST}/?Action=ConfirmSubscription&Token=t",
}


def test_a_subscription_to_our_topic_is_confirmed(amazon, ses):
    assert ses.read({}, amazon.post("You are invited.", **INVITATION)) == []
    assert amazon.requests[-1] == "/?Action=ConfirmSubscription&Token=t"


@pytest.mark.parametrize(
    "changed",
    [
        {"TopicArn": TOPIC + "-of-somebody-else"},
        {"key": OTHER},
        {"SubscribeURL": "https://example.com/?Action=ConfirmSubscription"},
        {"SubscribeURL": "http://169.254.169.254/"},
        {"SubscribeURL": "https://sns.s3-us-west-2.amazonaws.com/?Action=ConfirmSubscription"},
        {"SubscribeURL": "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription"},
        {"unsigned": {"SubscribeURL": f"{HOST}/?Token=another"}},
    ],
)
def test_any_other_subscription_is_refused(amazon, ses, changed):
    with pytest.raises(ForgedReport):
        ses.read({}, amazon.post("You are invited.", **INVITATION | changed))
    assert not [path for path in amazon.requests if "Token" in path or "Action" in path]


def test_the_end_of_a_subscription_changes_nothing(amazon, ses):
    body = amazon.post("Bye", **INVITATION | {"Type": "UnsubscribeConfirmation"})
    assert ses.read({}, body) == []
    assert "/?" not in "".join(amazon.requests)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_unsigned_body_is_refused(body):
    ses = SesFeedback([TOPIC], now=lambda: START, fetch=lambda _: b"")
    with pytest.raises(ReportError):
        ses.read({}, body)
