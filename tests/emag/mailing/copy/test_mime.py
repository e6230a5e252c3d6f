"""Header values and bodies come back as they went in, and nothing breaks out."""

import html
import quopri
from email import policy
from email.header import decode_header, make_header
from email.parser import BytesParser
from email.utils import parseaddr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.mailing.copy import mime

ANYTHING = st.text(max_size=300)
SPOKEN = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


def header(name: str, value: str):
    """As a mail program reads it."""
    wire = f"{name}: {value}\r\n\r\n".encode()
    return BytesParser(policy=policy.default).parsebytes(wire)[name]


@given(ANYTHING)
def test_clean_leaves_one_line(text):
    cleaned = mime.clean(text)
    assert cleaned.splitlines() in ([], [cleaned])
    assert "\0" not in cleaned
    assert mime.clean(cleaned) == cleaned


@given(SPOKEN)
def test_a_subject_comes_back(text):
    value = mime.unstructured(text, used=9)
    assert value.isascii()
    assert str(header("Subject", value)) == mime.clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "🎉" * 100,
        "عدد جديد من المجلة",
        "x" * 300,
        "a “quoted” – dash",
        "=?utf-8?Q?fake?=",
        "a b " * 80,
    ],
)
def test_subjects_that_are_hard(text):
    value = mime.unstructured(text, used=9)
    lines = ("Subject: " + value).split("\r\n")
    assert all(len(line) <= 76 for line in lines), lines
    assert all(len(word) <= 75 for line in lines for word in line.split() if "=?" in word)
    assert str(header("Subject", value)) == mime.clean(text)


@given(SPOKEN)
def test_a_name_comes_back_and_the_address_stays(name):
    value = mime.mailbox(name, "ann@example.org", used=4)
    assert header("To", value).addresses[0].addr_spec == "ann@example.org"
    lines = ("To: " + value).split("\r\n")
    assert all(len(line) <= 76 for line in lines), lines
    # The older reader: the newer one puts a space between two encoded words of a name.
    decoded, address = parseaddr(value.replace("\r\n", ""))
    assert address == "ann@example.org"
    assert str(make_header(decode_header(decoded))) == mime.clean(name)


@pytest.mark.parametrize(
    "name", ["Ann\r\nBcc: all@example.org", "Ann\n\n<html>", "A\0B", "\r", "a\u2028b"]
)
def test_no_name_starts_a_header(name):
    value = mime.mailbox(name, "ann@example.org", used=4)
    message = BytesParser(policy=policy.default).parsebytes(f"To: {value}\r\n\r\n".encode())
    assert list(message.keys()) == ["To"]
    assert "\0" not in value


@given(ANYTHING)
def test_a_block_decodes_to_its_lines(text):
    coded = mime.block(text)
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    decoded = quopri.decodestring(coded).decode()
    assert decoded.replace("\r\n", "\n") == plain.encode("utf-8", "replace").decode()
    check_lines(coded)


LINKS = st.from_regex(r"https://[a-z.]{3,90}/[A-Za-z0-9._=&-]{0,90}", fullmatch=True)


@given(st.one_of(st.text(), LINKS, st.from_regex(r"[A-Za-z. ]{0,150}", fullmatch=True)))
def test_the_short_way_for_a_simple_value_changes_nothing(text):
    simple = mime.simple(text)
    if simple is not None:
        clean = mime.clean(text)
        assert simple == mime.value(clean) == mime.value(html.escape(clean))


def test_most_names_and_links_are_simple():
    link = f"https://mail.example.org/unsubscribe/{'r' * 26}.{'m' * 24}"
    for text in ("Hello Ann,", link, f"https://example.org/{'p' * 90}"):
        assert mime.simple(text)
    for text in (
        "",
        ".net",
        " Ann",
        "Ann  Lee",
        "Ann & Lee",
        "a=b",
        "Zoë",
        "x" * 73 + ".",
        "x" * 147,
    ):
        assert mime.simple(text) is None


@given(ANYTHING)
def test_a_value_decodes_to_itself(text):
    cleaned = mime.clean(text)
    coded = mime.value(cleaned)
    assert quopri.decodestring(coded + b"=\r\n").decode() == cleaned
    check_lines(coded)


def check_lines(coded: bytes) -> None:
    for line in coded.split(b"\r\n"):
        assert len(line) <= 76
        assert not line.startswith(b".")
        assert b"\n" not in line
        assert b"\r" not in line
        assert line[-1:] not in {b" ", b"\t"}


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("ann@example.org", True),
        ("ann+tag@sub.example.org", True),
        ("o'neil@example.org", True),
        ("жена@example.org", True),
        ("ann@example.org\r\nRCPT TO:<all@example.org>", False),
        ("ann@example.org> SIZE=1", False),
        ("ann", False),
        ("a@b@c", False),
        ("", False),
        ("ann@exa\0mple.org", False),
        ("a" * 250 + "@example.org", False),
        ("ann,bob@example.org", False),
    ],
)
def test_what_can_stand_in_an_envelope(address, good):
    assert mime.sendable(address) is good
