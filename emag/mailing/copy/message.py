"""One reader's message, assembled from encoded segments, and its headers."""

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from emag.mailing.copy import mime
from emag.press.document import SLOT, Document

_TEXT = (
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
)
_HTML = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
_ONE_CLICK = "List-Unsubscribe=One-Click"
# RFC 8058 demands https; http is allowed for this machine only.
_LINK = re.compile(
    r"(?:https://|http://(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?=[:/]))[!#-+\--;=?-~]+"
)
_MARKUP = b"&<>\"'"
_SOFT = b"="  # before the end of a line: a soft break, and no end of the text's line
_STREAM_ID = (5, 15)  # shortest and longest last field of Feedback-ID


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The sender's details. With a `list_id` it is list mail; without, a letter to one person.

    `sender` and `reply_to` are mailboxes. `stream` names the issue for Feedback-ID. `mark_header`
    is a header whose value a provider returns in its events; it holds our mark of the delivery.
    """

    sender: str
    title: str = ""
    reply_to: str = ""
    list_id: str = ""
    stream: str = ""
    mark_header: str = ""

    @property
    def name(self) -> str:
        return mime.split(self.sender)[0] or self.title

    @property
    def address(self) -> str:
        return mime.split(self.sender)[1]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @property
    def feedback_id(self) -> str:
        """Gmail's Feedback-ID. Its last field never changes, and no field names a reader."""
        shortest, longest = _STREAM_ID
        sender = re.sub(r"[^a-z0-9]", "", self.domain)[:longest].ljust(shortest, "0")
        return f"{self.stream}:emag:list:{sender}"


class Size(NamedTuple):
    """How large a message is: its octets, and those of its longest line."""

    octets: int
    longest_line: int


class EncodedDocument:
    """A document encoded once: headers that all readers share, and bodies cut at their slots.

    No line begins with a dot, whatever fills the slots. So no dot need be doubled (RFC 5321 section
    4.5.2), which would take longer than sending the message. `label` is ASCII and names files.
    """

    __slots__ = (
        "_gaps",
        "_parts",
        "_shared_size",
        "_slots",
        "document",
        "domain",
        "headers",
        "label",
        "letterhead",
        "listed",
    )

    def __init__(self, document: Document, letterhead: Letterhead, *, label: str) -> None:
        self.document = document
        self.letterhead = letterhead
        self.label = label
        self.listed = bool(letterhead.list_id)
        self.domain = letterhead.domain
        self.headers = self._shared()
        self._parts, self._slots = self._cut()
        self._gaps = self._counted()
        self._shared_size = _size(b"".join(self._parts))

    def _shared(self) -> dict[str, str]:
        """The headers that a provider's request repeats, folded as on the wire."""
        head = self.letterhead
        if not self.listed:
            return {"Auto-Submitted": "auto-generated"}
        name = f"{mime.phrase(head.title, used=9)} " if mime.clean(head.title) else ""
        return {
            "List-Id": f"{name}<{mime.clean(head.list_id)}>",
            "List-Unsubscribe-Post": _ONE_CLICK,
            "Feedback-ID": mime.clean(head.feedback_id),
        }

    def _head(self, boundary: str) -> bytes:
        head = self.letterhead
        lines = {
            "From": mime.mailbox(head.name, head.address, used=6),
            "Subject": mime.unstructured(self.document.subject, used=9),
            "MIME-Version": "1.0",
            **self.headers,
            "Content-Type": f'multipart/alternative;\r\n boundary="{boundary}"',
        }
        if head.reply_to:
            lines["Reply-To"] = mime.mailbox(*mime.split(head.reply_to), used=10)
        return "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()

    def _cut(self) -> tuple[list[bytes], list[tuple[int, tuple[str, bool]]]]:
        """Segments with gaps; for each gap, the slot that fills it and whether it is in HTML."""
        # "=_" never occurs in quoted-printable, so no text can end its part early.
        mark = f"=_{self.document.hash[:40]}".encode()
        parts = [self._head(mark.decode()) + b"\r\n--" + mark + b"\r\n" + _TEXT + b"\r\n"]
        slots: list[tuple[int, tuple[str, bool]]] = []
        _add(parts, slots, self.document.text, markup=False)
        parts[-1] += b"\r\n--" + mark + b"\r\n" + _HTML + b"\r\n"
        _add(parts, slots, self.document.html, markup=True)
        parts[-1] += b"\r\n--" + mark + b"--\r\n"
        return parts, slots

    def _counted(self) -> list[tuple[str, int, int]]:
        """The name of each slot, and how often it is in the text part and in the HTML part."""
        gaps = Counter(slot for _, slot in self._slots)
        names = dict.fromkeys(name for name, _ in gaps)
        return [(name, gaps[name, False], gaps[name, True]) for name in names]

    def splice(self, values: Mapping[str, str], head: bytes = b"") -> list[bytes]:
        """One reader's `head`, shared headers and body. Raises KeyError for a missing value."""
        filled: dict[str, tuple[bytes, bytes]] = {}
        parts = self._parts.copy()
        for gap, (name, markup) in self._slots:
            if name not in filled:
                filled[name] = _fill(values[name])
            parts[gap] = filled[name][markup]
        parts[0] = head + parts[0]
        return parts

    def size(self, values: Mapping[str, str], head: bytes = b"") -> Size:
        """The size of what `splice` returns. What all readers share is measured once."""
        shared, alone = self._shared_size, _size(head)
        octets = shared.octets + alone.octets
        longest = max(shared.longest_line, alone.longest_line)
        for name, in_text, in_html in self._gaps:
            text, markup = _fill(values[name])
            octets += in_text * len(text) + in_html * len(markup)
            if longest <= mime.LINE:  # a line of a value is never longer
                both = text * (in_text > 0), markup * (in_html > 0)
                longest = max(longest, *(_size(value + _SOFT).longest_line for value in both))
        return Size(octets, longest)


def _add(
    parts: list[bytes], slots: list[tuple[int, tuple[str, bool]]], body: str, *, markup: bool
) -> None:
    """Puts soft line breaks around each slot, so that its value is a line of its own."""
    pieces = SLOT.split(body)  # text, name, text, name, …, text
    parts[-1] += mime.block(pieces[0])
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[-1] += _SOFT + b"\r\n"
        slots.append((len(parts), (name, markup)))
        parts += [b"", _SOFT + b"\r\n" + mime.block(text)]


def _fill(value: str) -> tuple[bytes, bytes]:
    """Encodes a value for text and for HTML; links and most names are the same in both."""
    if simple := mime.simple(value):
        return simple, simple
    plain = mime.clean(value)
    text = mime.value(plain)
    if len(text.translate(None, _MARKUP)) == len(text):
        return text, text
    return text, mime.value(html.escape(plain))


def _size(text: bytes) -> Size:
    return Size(len(text), max(map(len, text.split(b"\r\n"))))


@lru_cache(maxsize=64)
def _date(moment: datetime) -> str:
    """Formats a Date. All messages of a group have the same one."""
    return format_datetime(moment)


class Message(NamedTuple):
    """One reader's copy. `sender` is the envelope sender, which bounces go to.

    `mark` is the signed mark of the delivery: the same on a retry, different for each delivery.
    """

    delivery: int
    sender: str
    recipient: str
    name: str
    encoded: EncodedDocument
    values: Mapping[str, str]
    mark: str
    date: datetime

    @property
    def message_id(self) -> str:
        return f"<{mime.clean(self.mark)}@{self.encoded.domain}>"

    @property
    def sendable(self) -> bool:
        """False if the recipient's address is not allowed in a mail envelope."""
        return mime.sendable(self.recipient)

    def headers(self) -> dict[str, str]:
        """The headers that differ for each reader, besides To and Date."""
        headers = {"Message-ID": self.message_id}
        if self.encoded.listed:
            link = self.values["unsubscribe_url"]
            if not _LINK.fullmatch(link):
                raise ValueError("the link to unsubscribe must be one https address")
            headers["List-Unsubscribe"] = f"<{link}>"
        if field := self.encoded.letterhead.mark_header:
            headers[field] = mime.clean(self.mark)
        return headers

    def wire(self) -> bytes:
        """The whole message: CRLF, no line over 998 octets, no line that begins with a dot.

        Raises ValueError if the address is not `sendable`.
        """
        return b"".join(self.pieces())

    def pieces(self) -> list[bytes]:
        """The same in pieces, so that what all readers share is not copied for each of them."""
        return self.encoded.splice(self.values, self._head())

    def size(self) -> Size:
        """The size of `wire`, in a fraction of its time. Raises ValueError as it does."""
        return self.encoded.size(self.values, self._head())

    def _head(self) -> bytes:
        """The headers of this reader alone."""
        if not self.sendable:
            raise ValueError("the recipient's address is not allowed in a header")
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.headers().items()])
        to = mime.mailbox(self.name, self.recipient, used=4)
        return f"Date: {_date(self.date)}\r\nTo: {to}\r\n{lines}".encode()
