"""The SMTP transport against a real server that misbehaves in every way we know."""

import datetime as dt
import ssl
import time
from email import message_from_string, policy
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from emag.errors import SenderRefused, Unreachable
from emag.mailing.copy.message import EncodedDocument
from emag.mailing.delivery import Outcome
from emag.mailing.transports.smtp import SmtpTransport
from emag.press.document import Document

A, R, D, U, Q = (
    Outcome.ACCEPTED,
    Outcome.REFUSED,
    Outcome.DEFERRED,
    Outcome.UNSENT,
    Outcome.DOUBTFUL,
)


@pytest.fixture
def smtp():
    """Makes transports, and closes them."""
    mail = []

    def make(relay, *, timeout=5.0, security="none", **options):
        transport = SmtpTransport("127.0.0.1", relay.port, security, timeout=timeout, **options)
        mail.append(transport)
        return transport

    yield make
    for transport in mail:
        transport.close()


def outcomes(receipts):
    return [receipt.outcome for receipt in receipts]


def only(address, fault):
    """The fault, for one reader of the batch."""
    return lambda to, _many: fault if to == f"reader{address}@example.net" else None


def third(fault, times=9):
    """The fault, once two messages were taken, so many times."""
    left = [fault] * times
    return lambda _to, many: left.pop() if many == 2 and left else None


# What five messages come to, and how many the server has: (faults, outcomes, taken).
TABLE = {
    "a 5xx for one reader": (lambda: {"rcpt": only(3, "550 5.1.1 unknown")}, [A, A, R, A, A], 4),
    "a 4xx for one reader": (lambda: {"rcpt": only(3, "450 4.2.1 busy")}, [A, A, D, A, A], 4),
    "a 5xx for the text of one": (lambda: {"text": only(3, "552 5.3.4 no")}, [A, A, R, A, A], 4),
    "a 4xx for the text of one": (lambda: {"text": only(3, "451 4.3.0 later")}, [A, A, D, A, A], 4),
    "a 4xx for MAIL": (lambda: {"mail": third("451 4.3.0 later")}, [A, A, D, D, D], 2),
    "a 4xx for DATA": (lambda: {"data": third("451 4.3.0 later")}, [A, A, D, D, D], 2),
    "a 5xx for DATA": (lambda: {"data": third("554 5.5.0 no")}, [A, A, R, R, R], 2),
    "lost at MAIL once": (lambda: {"mail": third("drop", 1)}, [A] * 5, 5),
    "lost at RCPT once": (lambda: {"rcpt": third("drop", 1)}, [A] * 5, 5),
    "lost at DATA once": (lambda: {"data": third("drop", 1)}, [A] * 5, 5),
    "lost at MAIL in the middle": (lambda: {"mail": third("drop")}, [A, A, U, U, U], 2),
    "lost at RCPT in the middle": (lambda: {"rcpt": third("drop")}, [A, A, U, U, U], 2),
    "lost at DATA in the middle": (lambda: {"data": third("drop")}, [A, A, U, U, U], 2),
    "lost with the text, not taken": (lambda: {"text": third("drop")}, [A, A, Q, U, U], 2),
    "lost with the answer, taken": (lambda: {"answer": only(3, "drop")}, [A, A, Q, U, U], 3),
    "421 at MAIL in the middle": (lambda: {"mail": third("421 4.3.2 bye")}, [A, A, U, U, U], 2),
    "421 at RCPT for one": (lambda: {"rcpt": only(3, "421 4.7.0 slow down")}, [A, A, D, A, A], 4),
    "421 after the text of one": (lambda: {"text": only(3, "421 4.3.2 bye")}, [A, A, D, A, A], 4),
}  # fmt: skip


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "one by one"])
@pytest.mark.parametrize("case", TABLE)
def test_what_five_messages_come_to(relay, smtp, message, case, pipelining):
    faults, expected, received = TABLE[case]
    server = relay(pipelining=pipelining, faults=faults())
    got = smtp(server).send([message(n) for n in range(1, 6)])
    assert outcomes(got) == expected
    assert len(server.received) == received
    assert len(set(server.recipients)) == received


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_refused_envelope_whose_data_is_taken_all_the_same(relay, smtp, message, pipelining):
    """Some servers answer 354 although they refused the only recipient: an empty text is due."""
    server = relay(pipelining=pipelining, faults={"rcpt": only(2, "550 5.1.1 unknown")})
    transport = smtp(server)
    assert outcomes(transport.send([message(n) for n in (1, 2, 3)])) == [A, R, A]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("fault", "reply"),
    [
        ({"mail": "530 5.7.0 authentication required"}, R),
        ({"mail": "550 5.7.1 we do not know this sender"}, R),
        ({"rcpt": "550 5.7.1 relaying denied"}, R),
        ({"rcpt": "554 Relay access denied"}, R),
        ({"text": "554 5.7.1 looks like spam"}, R),
    ],
)
def test_a_refusal_that_is_about_us_says_so(relay, smtp, message, fault, reply):
    got = smtp(relay(faults=fault)).send([message(1)])
    assert outcomes(got) == [reply]
    assert got[0].sender_fault


@pytest.mark.parametrize("fault", ["550 5.1.1 unknown", "552 5.2.2 full", "553 5.1.3 bad"])
def test_a_refusal_of_a_reader_is_not_about_us(relay, smtp, message, fault):
    got = smtp(relay(faults={"rcpt": fault})).send([message(1)])
    assert (got[0].outcome, got[0].sender_fault) == (R, False)
    assert got[0].reason.startswith(fault[:3])


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"greeting": "421 4.3.2 too busy"}, Unreachable),
        ({"greeting": "554 5.7.1 you are on a list"}, SenderRefused),
        ({"greeting": "drop"}, Unreachable),
        ({"ehlo": "drop"}, Unreachable),
        ({"mail": "drop"}, Unreachable),
        ({"mail": "421 4.3.2 shutting down"}, Unreachable),
        ({"rcpt": "drop"}, Unreachable),
        ({"data": "drop"}, Unreachable),
        ({"nonsense": "yes"}, Unreachable),
    ],
)
def test_nothing_happened(relay, smtp, message, faults, error):
    server = relay(faults=faults)
    with pytest.raises(error) as caught:
        smtp(server).send([message(1), message(2)])
    assert "@" not in str(caught.value)
    assert server.received == []


def test_the_connection_is_lost_before_the_final_dot(relay, smtp, message, encoded):
    """A text larger than any buffer, of which the server reads nothing: it cannot have arrived."""
    big = Document("s", "", "<p>" + "x" * 20_000_000 + "</p>[[unsubscribe_url]]", "t")
    mail = message(1)._replace(encoded=EncodedDocument(big, encoded.letterhead, label="i"))
    server = relay(size=None, faults={"data": "354 go on"})
    with pytest.raises(Unreachable):
        smtp(server).send([mail])
    assert server.received == []


@pytest.mark.parametrize("stage", ["greeting", "mail", "rcpt", "data"])
def test_a_server_that_never_answers_is_away(relay, smtp, message, stage):
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"in time|cannot be reached"):
        smtp(relay(faults={stage: "hang"}), timeout=0.1).send([message(1)])
    assert time.monotonic() - began < 30


def test_a_server_that_never_answers_for_the_text_leaves_doubt(relay, smtp, message):
    server = relay(faults={"answer": "hang"})
    got = smtp(server, timeout=0.05).send([message(1), message(2)])
    assert outcomes(got) == [Q, U]
    assert server.recipients == ["reader1@example.net"]


def test_a_slow_server_is_waited_for(relay, smtp, message):
    """The final dot has ten times the unit: 10 minutes at the 60 seconds of the settings."""
    server = relay(delay=0.4)
    assert outcomes(smtp(server, timeout=0.1).send([message(1)])) == [A]


@pytest.mark.parametrize("pipelining", [True, False])
@pytest.mark.parametrize("closes_after", [1, 3])
def test_a_server_that_closes_after_some(relay, smtp, message, pipelining, closes_after):
    server = relay(pipelining=pipelining, closes_after=closes_after)
    transport = smtp(server)
    got = [transport.send([message(n), message(n + 1), message(n + 2)]) for n in (1, 4, 7)]
    assert [outcomes(receipts) for receipts in got] == [[A, A, A]] * 3
    assert len(set(server.recipients)) == len(server.received) == 9
    assert server.connections == 9 / closes_after


def test_connections_are_used_again_and_replaced(relay, smtp, message):
    server = relay()
    transport = smtp(server, per_connection=6)
    for start in range(1, 13, 3):
        transport.send([message(n) for n in range(start, start + 3)])
    assert server.connections == 2
    assert len(server.received) == 12


def test_a_connection_that_went_stale_costs_nobody_a_copy(relay, smtp, message):
    server = relay(closes_after=2)
    transport = smtp(server)
    transport.send([message(1), message(2)])
    time.sleep(0.1)
    assert outcomes(transport.send([message(3)])) == [A]
    assert server.recipients == [f"reader{n}@example.net" for n in (1, 2, 3)]


@pytest.mark.parametrize("pipelining", [True, False])
def test_the_wire_is_the_message(relay, smtp, message, pipelining):
    server = relay(pipelining=pipelining)
    mail = message(1, name="Žofia “Zo” Ólafsdóttir")
    smtp(server).send([mail])
    [received] = server.received
    assert received.data == mail.wire()
    assert received.sender == mail.sender
    assert received.sender.startswith("bounces+1-")
    assert f"SIZE={len(mail.wire())}" in received.mail_options


def test_letters_of_the_world_in_an_address(relay, smtp, message):
    mail = [message(1, "жена@example.net"), message(2)]
    assert outcomes(smtp(relay()).send(mail)) == [R, A]
    able = relay(utf8=True)
    assert outcomes(smtp(able).send(mail)) == [A, A]
    assert able.received[0].recipient == "жена@example.net"
    assert "SMTPUTF8" in able.received[0].mail_options
    assert "SMTPUTF8" not in able.received[1].mail_options
    read = message_from_string(able.received[0].data.decode(), policy=policy.SMTPUTF8)
    assert read["To"].addresses[0].addr_spec == "жена@example.net"


def test_a_message_that_is_too_large_is_not_begun(relay, smtp, message):
    server = relay(size=1000)
    [got] = smtp(server).send([message(1)])
    assert (got.outcome, got.sender_fault) == (R, True)
    assert "1000" in got.reason
    assert "mail" not in server.commands


# --- TLS and logging in ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody knows; its file, with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay.example.net")])
    now = dt.datetime.now(dt.UTC)
    mail = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "relay.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + mail.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def server_tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def trust(certificate):
    return ssl.create_default_context(cafile=str(certificate))


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_secure_connection(relay, smtp, message, server_tls, trust, security):
    server = relay(tls=server_tls, implicit_tls=security == "tls", login=("crier", "sesame"))
    transport = smtp(server, security=security, context=trust, username="crier", password="sesame")
    mail = [message(n) for n in range(1, 8)]
    assert outcomes(transport.send(mail)) == [A] * 7
    assert [received.data for received in server.received] == [m.wire() for m in mail]
    assert server.connections == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for(relay, smtp, message, server_tls, security):
    server = relay(tls=server_tls, implicit_tls=security == "tls")
    with pytest.raises(SenderRefused, match="not trusted"):
        smtp(server, security=security).send([message(1)])
    assert server.received == []


def test_nothing_goes_in_clear_where_starttls_is_asked_for(relay, smtp, message):
    server = relay()
    with pytest.raises(SenderRefused, match="STARTTLS"):
        smtp(server, security="starttls").send([message(1)])
    assert server.received == []


@pytest.mark.parametrize(
    ("reply", "error"), [("454 4.7.0 not now", Unreachable), ("554 5.7.3 no", SenderRefused)]
)
def test_starttls_is_refused(relay, smtp, message, server_tls, trust, reply, error):
    server = relay(tls=server_tls, faults={"starttls": reply})
    with pytest.raises(error):
        smtp(server, security="starttls", context=trust).send([message(1)])
    assert server.received == []


def test_the_password_is_wrong(relay, smtp, message):
    server = relay(login=("crier", "sesame"))
    with pytest.raises(SenderRefused, match="user name or password") as caught:
        smtp(server, username="crier", password="guess").send([message(1)])
    assert "guess" not in str(caught.value)


def test_a_server_that_knows_no_log_in(relay, smtp, message):
    with pytest.raises(SenderRefused, match="log in"):
        smtp(relay(), username="crier", password="sesame").send([message(1)])


def test_tls_is_lost_within_the_text(relay, smtp, message, server_tls, trust):
    server = relay(tls=server_tls, faults={"text": "drop"})
    got = smtp(server, security="starttls", context=trust).send([message(1), message(2)])
    assert outcomes(got) == [Q, U]


# --- How many at once ----------------------------------------------------------------------------


def test_groups_are_as_small_as_the_server_is_slow(relay, smtp, message):
    """All of a group may be in doubt after a crash."""
    quick, slow = smtp(relay()), smtp(relay(delay=0.02))
    assert quick.batch == slow.batch == 1, "until something is known"
    for number in range(1, 12):
        slow.send([message(number)])
    for number in range(1, 200):
        quick.send([message(number)])
        if quick.batch > 1:
            break
    assert slow.batch == 1 < quick.batch <= 12


def test_it_tells_of_each_message_before_its_end_may_leave(relay, smtp, message):
    server = relay(faults={"rcpt": only(2, "550 5.1.1 unknown"), "answer": only(4, "drop")})
    reported = []
    mail = [message(n) for n in range(1, 6)]
    got = smtp(server).send_reporting(mail, lambda place, case: reported.append((place, case)))
    assert outcomes(got) == [A, R, A, Q, U]
    assert reported == [(0, None), (0, A), (1, R), (2, None), (2, A), (3, None), (3, Q)]
