"""What a mail carries of ours: the token of an envelope sender, or the name of a message."""

import re
from collections.abc import Iterator

from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.original import Told
from emag.mailing.returns.bounces.parts import Mail

# A number and its signature (subscribers.tokens), behind a + or as the left side of a Message-ID.
_MARK = re.compile(r"(?<![a-z0-9-])(\d{1,17}-[0-9a-f]{28})(?=@|%40|=40)", re.IGNORECASE)
_DELIVERED_TO = (
    *("to", "delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to"),
    *("apparently-to", "x-rcpt-to", "x-real-to", "resent-to", "received"),
)
_ANSWERS = ("in-reply-to", "references", "original-message-id", "x-original-message-id")
_RETURNED = ("message-id", "return-path", "x-envelope-from", "envelope-from", "sender", "received")
_LEAVE = re.compile(r"/unsubscribe/([A-Za-z0-9._~-]{20,400})")
_MOST = 20


def candidates(mail: Mail, told: Told) -> Iterator[str]:
    """Everything that looks like our mark, once each; the envelope's first. None is verified."""
    seen: set[str] = set()
    for text in _places(mail, told):
        for mark in _MARK.findall(text):
            if mark.lower() not in seen and len(seen) < _MOST:
                seen.add(mark.lower())
                yield mark.lower()


def within(*texts: str) -> str:
    """The first mark in some texts, or nothing; not verified."""
    return next((m.lower() for text in texts for m in _MARK.findall(text)), "")


def links(mail: Mail, told: Told) -> Iterator[str]:
    """Tokens of our link to unsubscribe in the header that came back, not yet verified."""
    heads = [fields.parse(part.text.splitlines()) for part in mail.parts if part.is_returned]
    for head in [*heads, told.returned][:_MOST]:
        for value in head.all("list-unsubscribe"):
            yield from _LEAVE.findall(value)[:1]


def _places(mail: Mail, told: Told) -> Iterator[str]:
    yield from mail.fields.all(*_DELIVERED_TO)
    yield from mail.fields.all(*_ANSWERS)
    for part in mail.parts:
        if part.is_returned:
            yield from fields.parse(part.text.splitlines()).all(*_RETURNED)
        elif part.kind.startswith("message/"):  # a report's own fields
            yield part.text
    yield from told.returned.all(*_RETURNED)
