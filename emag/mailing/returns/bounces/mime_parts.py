"""Splits a mail into its MIME parts. Size, depth and number are limited; the rest is left out."""

import binascii
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.charsets import text_codec
from emag.mailing.returns.bounces.fields import HeaderFields

MAX_BYTES = 1_000_000  # of a mail: the reason stands before the returned message
_MAX_TEXT = 200_000  # characters of a part
_MAX_DEPTH = 6
_MAX_PARTS = 60
_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:+-]{1,40})', re.IGNORECASE)
_FIRST_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,198})\r?\ncontent-", re.IGNORECASE)
# A report whose header no longer says that it is one: its parts still do.
_REPORT = re.compile(
    rb"(?:\A|\n)--[^\s-][^\r\n]{0,198}\r?\n(?:content-(?!type)[^\r\n]{0,200}\r?\n){0,4}"
    rb"content-type:\s*message/(?:delivery-status|global-delivery-status|feedback-report)",
    re.IGNORECASE,
)
# Every mail has one of these fields; a text that only begins like a field has none.
_OF_A_MAIL = ("from", "to", "subject", "date", "received", "return-path", "message-id")
_MIME = ("content-type", "mime-version")
_WIDE = re.compile(r"utf|iso2022|gb|hz|big5|shift|euc|johab|cp9[345]")
_HIDDEN = re.compile(r"<(style|script|head|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_BREAK = re.compile(r"<(?:/?(?:p|div|tr|h\d|li|ul|ol|table|pre|hr)\b|br\b)[^<>]*>", re.IGNORECASE)
_CELL = re.compile(r"</?t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>")

_RETURNED = ("message/rfc822", "message/global", "message/partial")
_RETURNED_HEAD = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")


@dataclass(frozen=True, slots=True)
class MimePart:
    """A part without parts of its own. `kind` is its lower-case content type, `text` is decoded."""

    kind: str
    text: str
    fields: HeaderFields

    @property
    def is_returned(self) -> bool:
        """True for the message that was returned, whole or only its header."""
        return self.kind in _RETURNED or self.kind in _RETURNED_HEAD


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """The mail's own header, and its parts in order."""

    fields: HeaderFields
    parts: list[MimePart] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> Iterator[MimePart]:
        """The parts with one of these content types."""
        return (part for part in self.parts if part.kind in kinds)


def parse(raw: bytes) -> ParsedMail:
    """Splits any bytes. Without a header, all of them are one text."""
    raw = raw[:MAX_BYTES]
    head, body = _cut(raw)
    if not (any(name in head for name in _OF_A_MAIL) or any(name in head for name in _MIME)):
        head, body = HeaderFields(), raw
    mail = ParsedMail(head)
    _collect(head, body, mail.parts, 0)
    return mail


def _cut(raw: bytes) -> tuple[HeaderFields, bytes]:
    raw = raw.lstrip(b"\r\n")
    if raw.startswith((b"From ", b">From ")):  # a mailbox file's separator
        raw = raw.partition(b"\n")[2]
    match = _HEAD.search(raw)
    end = match.start() if match else len(raw)
    lines = raw[:end].decode("utf-8", "replace").splitlines()
    if not lines or not fields.is_field(lines[0]):
        return HeaderFields(), raw
    return fields.parse(lines), raw[match.end() if match else end :]


def _collect(head: HeaderFields, body: bytes, into: list[MimePart], depth: int) -> None:
    if len(into) >= _MAX_PARTS:
        return
    content_type = head.get("content-type")
    kind = content_type.partition(";")[0].strip().lower() or "text/plain"
    is_lost = not content_type and depth == 0 and bool(_REPORT.search(body))
    if (kind.startswith("multipart/") or is_lost) and depth < _MAX_DEPTH:
        pieces = _split(content_type, body)
        for piece in pieces:
            _collect(*_piece(piece), into, depth + 1)
        if pieces:
            return
        kind = "text/plain"
    text = _text(head, body)
    if kind == "text/html":
        text = _plain(text)
    into.append(MimePart(kind, text, head))


def _piece(piece: bytes) -> tuple[HeaderFields, bytes]:
    if piece[:1] in {b"\n", b"\r"}:  # a part without a header
        return HeaderFields(), piece
    head, body = _cut(piece)
    return head, body


def _split(content_type: str, body: bytes) -> list[bytes]:
    """The pieces between boundaries: the one in the header, or the first one in the body."""
    match = _BOUNDARY.search(content_type)
    name = (match[1] or match[2]).encode("utf-8", "replace") if match else b""
    if not name or b"--" + name not in body:
        first = _FIRST_BOUNDARY.search(body)
        if not first:
            return []
        name = first[1].rstrip()
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(name) + rb"(?=[ \t\r\n-]|\Z)", body)
    inner = []
    for piece in pieces[1 : _MAX_PARTS + 1]:
        if piece.startswith(b"--"):
            break
        inner.append(piece.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n"))
    return inner


def _text(head: HeaderFields, body: bytes) -> str:
    encoding = head.get("content-transfer-encoding").lower()
    body = body[: 2 * _MAX_TEXT]
    if encoding.startswith("quoted-printable"):
        body = quopri.decodestring(body)
    elif encoding.startswith("base64"):
        body = _base64(body)
    match = _CHARSET.search(head.get("content-type"))
    return _decoded(body, match[1].lower() if match else "utf-8")[:_MAX_TEXT]


def _base64(body: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    if len(letters) % 4 == 1:  # truncated: this letter holds no whole byte
        letters = letters[:-1]
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return body


def _decoded(body: bytes, charset: str) -> str:
    codec = text_codec(charset)
    for name in (codec, "utf-8"):
        try:
            return body.decode(name)
        except ValueError:
            pass
    # A truncated mail may end in the middle of a character.
    return body.decode(codec if _WIDE.match(codec) else "latin-1", "replace")


def _plain(markup: str) -> str:
    """The text of an HTML part, one line for each block."""
    text = _HIDDEN.sub(" ", " ".join(markup.split()))
    text = html.unescape(_TAG.sub("", _CELL.sub("\t", _BREAK.sub("\n", text))))
    return "\n".join(line.strip() for line in text.splitlines())
