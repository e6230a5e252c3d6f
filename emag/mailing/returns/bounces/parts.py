"""A mail taken apart, bounded in size, depth and number: what is hostile is only left out."""

import binascii
import html
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.fields import Fields

MAX_BYTES = 1_000_000  # of a mail; what says why stands in front of what was returned
_MAX_TEXT = 200_000  # characters of a part
_DEEPEST = 6
_MOST_PARTS = 60
_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n")
_BOUNDARY = re.compile(r'boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_CHARSET = re.compile(r'charset\s*=\s*"?([\w.:+-]{1,40})', re.IGNORECASE)
_FIRST_BOUNDARY = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,198})\r?\ncontent-", re.IGNORECASE)
# A report whose own header lost what it is: its parts still say.
_REPORT = re.compile(
    rb"(?:\A|\n)--[^\s-][^\r\n]{0,198}\r?\n(?:content-(?!type)[^\r\n]{0,200}\r?\n){0,4}"
    rb"content-type:\s*message/(?:delivery-status|global-delivery-status|feedback-report)",
    re.IGNORECASE,
)
# Any mail has one of these; a text that only starts like a field has none.
_OF_A_MAIL = ("from", "to", "subject", "date", "received", "return-path", "message-id")
_MIME = ("content-type", "mime-version")
# Decoders for purposes of their own; some take forever on a long text.
_NO_CHARSET = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
_HIDDEN = re.compile(r"<(style|script|head|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_BREAK = re.compile(r"<(?:/?(?:p|div|tr|h\d|li|ul|ol|table|pre|hr)\b|br\b)[^<>]*>", re.IGNORECASE)
_CELL = re.compile(r"</?t[dh]\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>")

_RETURNED = ("message/rfc822", "message/global", "message/partial")
_RETURNED_HEAD = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf. `kind` is its lower-case content type; `text` is decoded."""

    kind: str
    text: str
    fields: Fields

    @property
    def is_returned(self) -> bool:
        """True for what was sent and came back, whole or its header."""
        return self.kind in _RETURNED or self.kind in _RETURNED_HEAD


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail's own header, and its leaves in order."""

    fields: Fields
    parts: list[Part] = field(default_factory=list)

    def of_kind(self, *kinds: str) -> Iterator[Part]:
        return (part for part in self.parts if part.kind in kinds)


def read(raw: bytes) -> Mail:
    """Takes apart any octets. Without a header all of it is one text."""
    raw = raw[:MAX_BYTES]
    head, body = _cut(raw)
    if not (any(name in head for name in _OF_A_MAIL) or any(name in head for name in _MIME)):
        head, body = Fields(), raw
    mail = Mail(head)
    _leaves(head, body, mail.parts, 0)
    return mail


def _cut(raw: bytes) -> tuple[Fields, bytes]:
    raw = raw.lstrip(b"\r\n")
    if raw.startswith((b"From ", b">From ")):  # a mailbox file's separator
        raw = raw.partition(b"\n")[2]
    match = _HEAD.search(raw)
    end = match.start() if match else len(raw)
    lines = raw[:end].decode("utf-8", "replace").splitlines()
    if not lines or not fields.is_field(lines[0]):
        return Fields(), raw
    return fields.parse(lines), raw[match.end() if match else end :]


def _leaves(head: Fields, body: bytes, into: list[Part], depth: int) -> None:
    if len(into) >= _MOST_PARTS:
        return
    told = head.get("content-type")
    kind = told.partition(";")[0].strip().lower() or "text/plain"
    is_lost = not told and depth == 0 and bool(_REPORT.search(body))
    if (kind.startswith("multipart/") or is_lost) and depth < _DEEPEST:
        pieces = _split(told, body)
        for piece in pieces:
            _leaves(*_piece(piece), into, depth + 1)
        if pieces:
            return
        kind = "text/plain"
    text = _text(head, body)
    if kind == "text/html":
        text = _plain(text)
    into.append(Part(kind, text, head))


def _piece(piece: bytes) -> tuple[Fields, bytes]:
    if piece[:1] in {b"\n", b"\r"}:  # a part without a header
        return Fields(), piece
    head, body = _cut(piece)
    return head, body


def _split(told: str, body: bytes) -> list[bytes]:
    """The pieces between boundaries; where the named one never comes, those that do."""
    match = _BOUNDARY.search(told)
    name = (match[1] or match[2]).encode("utf-8", "replace") if match else b""
    if not name or b"--" + name not in body:
        found = _FIRST_BOUNDARY.search(body)
        if not found:
            return []
        name = found[1].rstrip()
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(name) + rb"(?=[ \t\r\n-]|\Z)", body)
    inner = []
    for piece in pieces[1 : _MOST_PARTS + 1]:
        if piece.startswith(b"--"):
            break
        inner.append(piece.lstrip(b" \t").removeprefix(b"\r").removeprefix(b"\n"))
    return inner


def _text(head: Fields, body: bytes) -> str:
    how = head.get("content-transfer-encoding").lower()
    body = body[: 2 * _MAX_TEXT]
    if how.startswith("quoted-printable"):
        body = quopri.decodestring(body)
    elif how.startswith("base64"):
        body = _base64(body)
    match = _CHARSET.search(head.get("content-type"))
    return _decoded(body, match[1].lower() if match else "utf-8")[:_MAX_TEXT]


def _base64(body: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    if len(letters) % 4 == 1:  # cut off: no octet can begin with this one
        letters = letters[:-1]
    try:
        return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
    except binascii.Error:
        return body


def _decoded(body: bytes, charset: str) -> str:
    if charset.replace("-", "_") in _NO_CHARSET:
        charset = "utf-8"
    for name in (charset, "utf-8"):
        try:
            return body.decode(name)
        except (LookupError, ValueError):
            pass
    # Whoever cut a mail off may have cut a character in two.
    is_wide = charset.startswith(("utf", "iso-2022", "gb", "big5", "shift", "euc", "windows-31j"))
    try:
        return body.decode(charset if is_wide else "latin-1", "replace")
    except (LookupError, ValueError):
        return body.decode("latin-1")


def _plain(markup: str) -> str:
    """The words of an HTML part, a line for each block."""
    text = _HIDDEN.sub(" ", " ".join(markup.split()))
    text = html.unescape(_TAG.sub("", _CELL.sub("\t", _BREAK.sub("\n", text))))
    return "\n".join(line.strip() for line in text.splitlines())
