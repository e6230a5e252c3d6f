"""Tests the corpus with changes: other people, encodings, line breaks and extra addresses."""

import base64
import html
import json
import quopri
import random
import re
import textwrap

import pytest

from emag.mailing.returns.bounces.classify import classify

NAMES = ["ann.archer", "b-carter", "zoe_m", "o.young+news", "kim77", "0770090", "info", "x"]
FIELDS = rb"(?im)^(?:%s):[^\n]*(?:\n[ \t][^\n]*)*\n?"
BODY_FIELDS = FIELDS % rb"content-type|content-transfer-encoding"
MIME_FIELDS = FIELDS % rb"content-type|content-transfer-encoding|mime-version"
HELPER = "help.desk@corp-help.example"


@pytest.fixture(scope="module")
def labelled(corpus):
    lines = (corpus / "bounces/labels.jsonl").read_text().splitlines()
    labels = [label for line in lines if (label := json.loads(line))["strict"]]
    return [(label, (corpus / "bounces" / label["file"]).read_bytes()) for label in labels]


def renamed(raw: bytes, label, chance: random.Random) -> tuple[bytes, set[str]] | None:
    """The mail with other addresses, or None where an address is not written out."""
    wanted = set()
    for old in {r["address"] for r in label["recipients"] if "@" in r.get("address", "")}:
        new = (
            f"{chance.choice(NAMES)}{chance.randint(1, 99)}@mail{chance.randint(1, 99)}.example.net"
        )
        pattern = rb"(?i)(?<![\w.+-])" + re.escape(old.encode()) + rb"(?![\w-]|\.\w)"
        raw, times = re.subn(pattern, new.encode(), raw)
        if not times or re.search(re.escape(old.encode()), raw, re.IGNORECASE):
            return None
        wanted.add(new)
    return raw, wanted


def taken_apart(raw: bytes) -> tuple[bytes, bytes] | None:
    """The header and body of a mail that is one plain text."""
    if not re.match(rb"From |[!-9;-~]+:", raw):
        return None
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    kind = re.search(rb"(?im)^content-type:\s*(\S+)", head)
    is_plain = not kind or kind[1].lower().startswith(b"text/plain")
    is_encoded = re.search(rb"(?im)^content-transfer-encoding:\s*(?:base64|quoted)", head)
    is_odd = re.search(rb"(?i)charset=\"?(?:iso-2022|utf-7|unicode)", head)
    return (head, body) if is_plain and not is_encoded and not is_odd else None


def text(body: bytes) -> str:
    try:
        return body.decode()
    except ValueError:
        return body.decode("latin-1")


def rewritten(raw: bytes, how: str, kind: str, write) -> bytes | None:
    parts = taken_apart(raw)
    if not parts:
        return None
    head = re.sub(BODY_FIELDS, b"", parts[0] + b"\n").strip(b"\n")
    fields = f"\nContent-Type: {kind}\nContent-Transfer-Encoding: {how}\n\n"
    return head + fields.encode() + write(text(parts[1]))


def as_markup(body: str) -> bytes:
    escaped = html.escape(body, quote=False)
    return f"<html><body><p>{escaped}</p></body></html>".replace("\n", "<br>\n").encode()


def wrapped(body: str) -> bytes:
    lines = []
    for line in body.splitlines():
        indent = re.match(r"\s*", line)[0]
        broken = textwrap.wrap(
            line, 66, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        lines += broken or [""]
    return "\n".join(lines).encode()


def folded(raw: bytes) -> bytes | None:
    head, separator, body = raw.partition(b"\n\n")
    lines = [re.sub(rb"^(\S.{30,}?) ", rb"\1\n\t", line, count=1) for line in head.split(b"\n")]
    return b"\n".join(lines) + separator + body if separator else None


def without_mime(raw: bytes) -> bytes | None:
    head, separator, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    bare = re.sub(MIME_FIELDS, b"", head + b"\n").strip(b"\n")
    return bare + separator + body if separator and bare != head else None


def introduced(raw: bytes) -> bytes | None:
    parts = taken_apart(raw)
    words = f"Notice of our mail service. Do not answer; please write to {HELPER}.\n\n"
    return parts and parts[0] + b"\n\n" + words.encode() + parts[1].lstrip(b"\n")


def forwarded(raw: bytes) -> bytes:
    quoted = b"\n".join(b"> " + line for line in raw.splitlines())
    head = f"From: John Roe <{HELPER}>\nSubject: Fwd: mail delivery failed\n\nLook at this:\n\n"
    return head.encode() + quoted


PLAIN, MARKUP = "text/plain; charset=utf-8", "text/html; charset=utf-8"
CHANGES = {
    "other people": lambda raw: raw,
    "CRLF": lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    "base64": lambda raw: rewritten(
        raw, "base64", PLAIN, lambda body: base64.encodebytes(body.encode())
    ),
    "UTF-16": lambda raw: rewritten(
        raw, "base64", PLAIN[:-5] + "utf-16", lambda b: base64.encodebytes(b.encode("utf-16"))
    ),
    "quoted-printable": lambda raw: rewritten(
        raw, "quoted-printable", PLAIN, lambda body: quopri.encodestring(body.encode())
    ),
    "markup": lambda raw: rewritten(raw, "8bit", MARKUP, as_markup),
    "other lines": lambda raw: rewritten(raw, "8bit", PLAIN, wrapped),
    "folded fields": folded,
    "no MIME fields": without_mime,
    "somebody who helps": introduced,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_mail_is_read_as_well_as_before(labelled, change):
    wanted = right = named = wrong = mails = 0
    for label, raw in labelled:
        chance = random.Random(f"{label['file']}/{change}")
        renamed_mail = renamed(raw, label, chance)
        mutated = renamed_mail and CHANGES[change](renamed_mail[0])
        if not mutated:
            continue
        mails += 1
        got = {f.address.lower() for f in classify(mutated).failures if f.address}
        wanted, right = wanted + len(renamed_mail[1]), right + len(renamed_mail[1] & got)
        named, wrong = named + len(got), wrong + len(got - renamed_mail[1])
    assert mails > 90
    assert right / wanted >= 0.95
    assert wrong / named <= 0.012, "about one in a hundred"


def test_a_bounce_that_a_person_forwarded_as_text_is_none(labelled):
    for label, raw in labelled:
        assert classify(forwarded(raw)).failures == (), label["file"]


def test_a_truncated_mail_names_no_wrong_address(labelled):
    named = wrong = 0
    for label, raw in labelled:
        wanted = {r["address"].lower() for r in label["recipients"] if r.get("address")}
        got = {f.address.lower() for f in classify(raw[: len(raw) * 2 // 3]).failures if f.address}
        named, wrong = named + len(got), wrong + len(got - wanted)
    assert named > 200
    assert wrong / named < 0.03, "a truncated address may still look complete"
