"""A message as it goes over the wire."""

import html
import re
from dataclasses import replace
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from emag.mailing.copy import mime
from emag.mailing.copy.message import EncodedDocument, Letterhead, Message
from emag.press.document import Document, fill
from tests.conftest import START

ONCE = [
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post", "Feedback-ID", "Reply-To", "Content-Type",
]  # fmt: skip
same_fixture = hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(wire: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(wire)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    """The part's text, byte for byte, with the line ends of a document."""
    return message.get_body((kind,)).get_payload(decode=True).decode().replace("\r\n", "\n")


def test_every_header_of_list_mail_is_there_once(message):
    got = read(message(7, name="Ann").wire())
    assert sorted(got.keys()) == sorted(ONCE)
    assert got["To"] == "Ann <reader7@example.net>"
    assert got["From"] == "The Town Crier <crier@example.org>"
    assert got["Reply-To"] == "Ann <ann@example.org>"
    assert got["Subject"] == "Märkte and news – no. 1"
    assert got["List-Id"] == "The Town Crier <emag.example.org>"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(
        r"<https://mail\.example\.org/unsubscribe/[^<>\s,]+>", got["List-Unsubscribe"]
    )
    assert parsedate_to_datetime(str(got["Date"])) == START


def test_the_feedback_id_names_the_stream_and_no_reader(message):
    one, other = (read(message(n).wire())["Feedback-ID"] for n in (1, 2))
    assert one == other == "issue1:emag:list:exampleorg"


@pytest.mark.parametrize("domain", ["a.b", "x.org", "a-very-long-domain-name.example.co.uk"])
def test_the_last_field_of_the_feedback_id_has_a_legal_length(domain):
    head = Letterhead(f"a@{domain}", list_id="l", stream="issue1")
    assert 5 <= len(head.feedback_id.rpartition(":")[2]) <= 15


def test_the_message_id_is_stable_and_ours(message):
    first, later = message(3), message(3)._replace(date=START + timedelta(days=1))
    assert first.message_id == later.message_id
    assert first.message_id != message(4).message_id
    assert first.message_id.endswith("@example.org>")
    assert read(first.wire())["Message-ID"] == first.message_id


def test_text_comes_first_and_both_parts_are_whole(message, encoded):
    mail = message(5, name="O'Neil & <b>Söhne</b>")
    got = read(mail.wire())
    parts = list(got.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [part["Content-Transfer-Encoding"] for part in parts] == ["quoted-printable"] * 2
    expected = fill(encoded.document, mail.values)
    assert body(got, "plain") == expected.text
    assert body(got, "html") == expected.html
    assert "&lt;b&gt;" in body(got, "html")
    assert "<b>Söhne" in body(got, "plain")


def check_wire(wire: bytes) -> None:
    assert wire.endswith(b"\r\n")
    assert b"\0" not in wire
    assert wire.replace(b"\r\n", b"").count(b"\r") == wire.replace(b"\r\n", b"").count(b"\n") == 0
    lines = wire.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(line.startswith(b".") for line in lines)


WORDS = st.text(max_size=80)


@same_fixture
@given(name=WORDS, greeting=WORDS, subject=WORDS, text=st.text(max_size=200))
def test_whatever_it_says_it_stays_one_message(message, *, name, greeting, subject, text):
    document = Document(
        subject,
        "",
        f"<p>[[greeting]]{text}</p>[[unsubscribe_url]][[greeting]]",
        f"{text}[[greeting]]\n[[unsubscribe_url]]{text}",
    )
    head = Letterhead("a@example.org", name, list_id="l.example.org", stream="i")
    link = "https://mail.example.org/u/x"
    mail: Message = message(1)._replace(
        name=name,
        encoded=EncodedDocument(document, head, label="issue-1"),
        values={"greeting": greeting, "unsubscribe_url": link},
    )
    wire = mail.wire()
    check_wire(wire)
    assert mail.size() == (len(wire), max(map(len, wire.split(b"\r\n"))))
    got = BytesParser(policy=policy.default).parsebytes(wire)
    assert sorted(got.keys()) == sorted(set(ONCE) - {"Reply-To"})
    assert got["Subject"] == mime.clean(subject)
    assert [to.addr_spec for to in got["To"].addresses] == ["reader1@example.net"]
    hello = mime.clean(greeting)
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    plain = plain.encode("utf-8", "replace").decode()
    assert body(got, "plain") == f"{plain}{hello}\n{link}{plain}"
    assert body(got, "html") == f"<p>{html.escape(hello)}{plain}</p>{link}{html.escape(hello)}"


@pytest.mark.parametrize("evil", ["x\r\nBcc: all@example.org\r\n\r\nboo", "a\nb", "a\rb", "a\0b"])
@pytest.mark.parametrize("place", ["name", "greeting", "mark", "subject", "title", "list_id"])
def test_no_value_starts_a_header(message, encoded, evil, place):
    mail = message(1)
    if place == "name":
        mail = mail._replace(name=evil)
    elif place == "greeting":
        mail = mail._replace(values={**mail.values, "greeting": evil})
    elif place == "mark":
        mail = mail._replace(mark=evil)
    elif place == "subject":
        document = replace(encoded.document, subject=evil)
        mail = mail._replace(encoded=EncodedDocument(document, encoded.letterhead, label="i"))
    else:
        head = replace(encoded.letterhead, **{place: evil})
        mail = mail._replace(encoded=EncodedDocument(encoded.document, head, label="i"))
    wire = mail.wire()
    check_wire(wire)
    assert "Bcc" not in BytesParser(policy=policy.default).parsebytes(wire)


@pytest.mark.parametrize(
    "link",
    [
        "http://mail.example.org/unsubscribe/x",
        "https://mail.example.org/a b",
        "https://mail.example.org/a>,<mailto:x@example.org",
        "https://mail.example.org/\r\nBcc: x",
        "mailto:leave@example.org",
        "http://localhost.example.org/x",
        "",
    ],
)
def test_a_link_to_unsubscribe_is_one_https_address(message, link):
    mail = message(1)
    mail = mail._replace(values={**mail.values, "unsubscribe_url": link})
    with pytest.raises(ValueError, match="one https address"):
        mail.wire()


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:8400", "http://localhost:8400", "http://[::1]:1"]
)
def test_plain_http_leads_to_this_machine_only(message, base):
    mail = message(1)
    mail = mail._replace(values={**mail.values, "unsubscribe_url": f"{base}/unsubscribe/x"})
    assert read(mail.wire())["List-Unsubscribe"] == f"<{base}/unsubscribe/x>"


def test_an_address_that_breaks_out_is_refused(message):
    mail = message(1, address="a@example.org>\r\nBcc: <b@example.org")
    assert not mail.sendable
    with pytest.raises(ValueError, match="not allowed"):
        mail.wire()


def test_a_letter_to_one_person_is_no_list_mail(message, encoded):
    head = replace(encoded.letterhead, list_id="", stream="")
    letter = message(1)._replace(encoded=EncodedDocument(encoded.document, head, label="confirm"))
    got = read(letter.wire())
    assert got["Auto-Submitted"] == "auto-generated"
    for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID"):
        assert name not in got


def test_a_slot_without_a_value_is_an_error(message):
    mail = message(1)
    with pytest.raises(KeyError):
        mail._replace(values={"unsubscribe_url": "https://mail.example.org/x"}).wire()
