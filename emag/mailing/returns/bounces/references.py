"""Finds references to our messages in a mail: marks, and tokens of unsubscribe links."""

import re
from collections.abc import Iterator

from emag.mailing.returns import mark
from emag.mailing.returns.bounces import fields
from emag.mailing.returns.bounces.mime_parts import ParsedMail
from emag.mailing.returns.bounces.sections import Sections

_DELIVERED_TO = (
    *("to", "delivered-to", "x-original-to", "x-delivered-to", "envelope-to", "x-envelope-to"),
    *("apparently-to", "x-rcpt-to", "x-real-to", "resent-to", "received"),
)
_ANSWERED = ("in-reply-to", "references", "original-message-id", "x-original-message-id")
_RETURNED = ("message-id", "return-path", "x-envelope-from", "envelope-from", "sender", "received")
_UNSUBSCRIBE = re.compile(r"/unsubscribe/([A-Za-z0-9._~-]{20,400})")
_MAX_MARKS = 20


def marks(mail: ParsedMail, split: Sections) -> Iterator[str]:
    """Every different mark, those of the envelope first. None is verified."""
    yielded: set[str] = set()
    for text in _places(mail, split):
        for candidate in mark.find_all(text):
            if candidate not in yielded and len(yielded) < _MAX_MARKS:
                yielded.add(candidate)
                yield candidate


def links(mail: ParsedMail, split: Sections) -> Iterator[str]:
    """Tokens of unsubscribe links in the header of the returned message, not verified."""
    heads = [fields.parse(part.text.splitlines()) for part in mail.parts if part.is_returned]
    for head in [*heads, split.returned][:_MAX_MARKS]:
        for value in head.all("list-unsubscribe"):
            yield from _UNSUBSCRIBE.findall(value)[:1]


def _places(mail: ParsedMail, split: Sections) -> Iterator[str]:
    yield from mail.fields.all(*_DELIVERED_TO)
    yield from mail.fields.all(*_ANSWERED)
    for part in mail.parts:
        if part.is_returned:
            yield from fields.parse(part.text.splitlines()).all(*_RETURNED)
        elif part.kind.startswith("message/"):  # the fields of a report
            yield part.text
    yield from split.returned.all(*_RETURNED)
