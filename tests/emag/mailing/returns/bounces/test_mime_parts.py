"""Tests the splitting of mails, of any bytes and any length."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.mailing.returns.bounces import fields, mime_parts
from emag.mailing.returns.bounces.charsets import text_codec
from emag.mailing.returns.bounces.classify import classify
from emag.mailing.returns.finding import Finding

TEXT = "Grüße von ann@example.net"


@pytest.mark.parametrize(
    ("how", "charset", "body"),
    [
        ("8bit", "utf-8", TEXT.encode()),
        ("8bit", "iso-8859-1", TEXT.encode("latin-1")),
        ("base64", "utf-8", base64.encodebytes(TEXT.encode())),
        ("base64", "utf-8", base64.b64encode(TEXT.encode()) + b"\n!!"),
        ("quoted-printable", "utf-8", b"Gr=C3=BC=C3=9Fe von ann=40example.net"),
        ("8bit", "no-such-charset", TEXT.encode()),
        ("8bit", "punycode", TEXT.encode()),
        ("8bit", "zlib", TEXT.encode()),
        ("8bit", "us-ascii", TEXT.encode()),
    ],
)
def test_encodings_are_decoded(how, charset, body):
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\n"
    raw = head.encode() + f"Content-Transfer-Encoding: {how}\n\n".encode() + body
    [part] = mime_parts.parse(raw).parts
    assert part.text.startswith(TEXT)


SLOW = b"9" * 65_000
CODECS = [
    *("punycode", "punycode-", "PUNYCODE", "Puny-Code", "puny_code", "idna", "rot13", "hex"),
    *("unicode-escape", "unicode_escape_", "raw-unicode-escape", "utf-7", "undefined", "mbcs"),
    *("base64", "bz2", "uu", "quopri", "oem", "no-such-charset", "..", ":"),
]


@pytest.mark.parametrize("charset", CODECS)
def test_a_codec_for_another_purpose_is_never_used(charset):
    head = f"Subject: x\nContent-Type: text/plain; charset={charset}\n\n".encode()
    began = time.process_time()
    [part] = mime_parts.parse(head + SLOW).parts
    assert part.text == SLOW.decode()
    assert text_codec(charset) == "utf-8"
    assert time.process_time() - began < 10


def test_an_encoded_word_uses_no_such_codec_either():
    began = time.process_time()
    assert fields.decoded(f"=?punycode-?q?{'9' * 60_000}?=")
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("ISO-8859-1", "iso8859-1"),
        ("Windows-1252", "cp1252"),
        ("koi8-r", "koi8-r"),
        ("GB2312", "gb2312"),
        ("iso-2022-jp", "iso2022_jp"),
        ("Shift_JIS", "shift_jis"),
        ("ms932", "cp932"),
        ("utf-16", "utf-16"),
        ("utf8", "utf-8"),
        ("unknown", "utf-8"),
    ],
)
def test_the_codecs_of_mail_are_known(charset, codec):
    assert text_codec(charset) == codec


def test_html_is_read_as_text():
    body = b"<style>p{x:y}</style><p>one &amp; two</p><p>ann@example.net<br>three</p>"
    [part] = mime_parts.parse(b"Subject: x\nContent-Type: text/html\n\n" + body).parts
    assert [line for line in part.text.splitlines() if line] == [
        "one & two",
        "ann@example.net",
        "three",
    ]


def test_a_boundary_that_differs_from_the_header_is_found():
    raw = (
        b'Subject: x\nContent-Type: multipart/mixed; boundary="wrong"\n\n'
        b"--right\nContent-Type: text/plain\n\none\n--right\nContent-Type: text/plain\n\ntwo\n"
        b"--right--\n"
    )
    assert [part.text for part in mime_parts.parse(raw).parts] == ["one", "two"]


def test_folded_and_encoded_fields_are_read():
    head = fields.parse(["Subject: one", "  two", "odd line", "X-A:b", "x-a : c"])
    assert head.get("subject") == "one two"
    assert head.all("x-a") == ["b", "c"]
    assert fields.decoded("=?utf-8?q?Gr=C3=BC=C3=9Fe?= you") == "Grüße you"
    for odd in ("=?nope?q?x?=", "=?utf-8?b?!?=", "=?utf-8?x?y?="):
        assert isinstance(fields.decoded(odd), str)


NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3_000)
)
DAEMON = b"From: mailer-daemon@x.example\nSubject: failure notice\n\n"
STATUS = b"From: mailer-daemon@x.example\nContent-Type: message/delivery-status\n\n"
HOSTILE = {
    "nested parts": b"Subject: x\n" + NESTED,
    "nested messages": b"Subject: x\n" + b"Content-Type: message/rfc822\n\n" * 30_000,
    "many parts": b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n"
    + b"--b\n\nx\n" * 90_000,
    "one long line": b"From: mailer-daemon@x.example\n\n" + b"failed a@" * 200_000,
    "angles": b"Subject: x\nContent-Type: text/html\n\n" + b"<" * 900_000,
    "tags": b"Subject: x\nContent-Type: text/html\n\n" + b"<style" * 150_000,
    "blanks": b"From: mailer-daemon@x.example\n\n" + b" \t" * 400_000 + b"x",
    "fields": b"A: b\n" * 200_000,
    "folds": b"Subject: x\n" + b" y\n" * 300_000,
    "ats": b"From: mailer-daemon@x.example\nSubject: failure notice\n\n" + b"a@b.c " * 150_000,
    "lines": b"From: mailer-daemon@x.example\nSubject: failure notice\n\n" + b"a@b.c\n" * 150_000,
    "dashes": b"From: mailer-daemon@x.example\n\n" + b"-" * 900 + b"\n" + b"-- message\n" * 70_000,
    "replies": b"From: mailer-daemon@x.example\n\n" + b"550 5.1.1 user " * 60_000,
    "groups": b"From: mailer-daemon@x.example\nContent-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822; a@b.c\nAction: failed\n\n" * 20_000,
    "json": b"From: x@y.z\n\n" + b'{"a":' * 150_000,
    "words": b"From: mailer-daemon@x.example\n\n"
    + b"auto re: out of office confirm your " * 25_000,
    "zeros": b"\0" * 1_000_000,
    "rulers": DAEMON + (b"original message" + b"-" * 980 + b"x\n") * 900,
    "dots and dashes": DAEMON + (b"below copy" + b"-." * 480 + b"x\n") * 900,
    "colons": DAEMON + b":" * 900_000,
    "quotes": DAEMON + b"\"' (" * 225_000,
    "indents": DAEMON + (b" " * 980 + b"x\n") * 900,
    "names": DAEMON + b'"a" <' * 180_000,
    "numbers": DAEMON + b"1) " * 300_000,
    "requests": DAEMON + b"please write to " * 60_000,
    "commas": DAEMON + b"could not deliver, " * 45_000,
    "cells": b"From: mailer-daemon@x.example\nContent-Type: text/html\n\n" + b"<td a@b.cc" * 90_000,
    "links": DAEMON + b"https://a@b.cc/ " * 55_000,
    "wide": DAEMON + "中a@b.cc不".encode() * 60_000,
    "blank recipients": STATUS
    + (b"Final-Recipient: " + b" " * 900 + b"a@b.cc\nAction: failed\n\n") * 900,
    "long reasons": STATUS
    + (b"Final-Recipient: a@b.cc\nAction: failed\nDiagnostic-Code: " + b"user a " * 500 + b"\n\n")
    * 250,
    "lost parts": b"From: mailer-daemon@x.example\n\n" + b"--a\ncontent-x: y\n" * 50_000,
    "signatures": DAEMON + b"--\na\n" * 180_000,
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_mails_are_read_in_bounded_time(case):
    began = time.process_time()
    assert isinstance(classify(HOSTILE[case]), Finding)
    assert time.process_time() - began < 2.5


PIECES = st.sampled_from(
    [
        b"From: mailer-daemon@example.net\n",
        b"To: bounces@example.org\n",
        b"Subject: failure notice\n",
        b"Content-Type: multipart/report; boundary=cut\n",
        b"Content-Type: message/delivery-status\n",
        b"Content-Type: message/feedback-report\n",
        b"Content-Type: message/rfc822\n",
        b"Content-Type: text/html; charset=utf-16\n",
        b"Content-Transfer-Encoding: base64\n",
        b"\n",
        b"\r\n\r\n",
        b"--cut\n",
        b"--cut--\n",
        b"Final-Recipient: rfc822; <ann@example.net>\n",
        b"Action: failed\n",
        b"Status: 5.1.1 (because)\n",
        b"Feedback-Type: abuse\n",
        b"550 5.1.1 <ann@example.net>... User unknown\n",
        b"----- Original message -----\n",
        b"could not be delivered\n",
        b'{"Message": "{\\"notificationType\\": \\"Bounce\\", \\"bounce\\": 7}"}\n',
        b"=?utf-8?b?//8=?= \xff\xfe\n",
    ]
)


@given(st.lists(PIECES | st.binary(max_size=60), max_size=40))
def test_no_bytes_raise(pieces):
    raw = b"".join(pieces)
    finding = classify(raw)
    assert isinstance(finding, Finding)
    assert finding == classify(raw), "the same bytes give the same finding"
