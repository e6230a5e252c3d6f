"""Reads feedback reports, which forward a reader's complaint (RFC 5965)."""

import re
from collections.abc import Iterator

from emag.mailing.event import EventKind
from emag.mailing.returns.bounces import addresses, fields
from emag.mailing.returns.bounces.fields import HeaderFields
from emag.mailing.returns.bounces.mime_parts import ParsedMail
from emag.mailing.returns.finding import Failure

_KIND = "message/feedback-report"
# Microsoft's programme forwards the message under this subject, with the recipient in a field.
_SUBJECT = re.compile(r"^\s*complaint about message from \S+", re.IGNORECASE)
# RFC 6430: the reader wants the mail. RFC 6591: a failed check of our domain, no complaint.
_NO_COMPLAINT = ("not-spam", "auth-failure")
_REDACTED = ("redacted", "undisclosed", "suppressed", "removed", "unknown")


def complaints(mail: ParsedMail) -> list[Failure]:
    """The outcome for each address of a feedback report; its address may be redacted or absent."""
    part = next(mail.of_kind(_KIND), None)
    if part is None:
        return _without_report(mail)
    block = fields.parse(part.text.splitlines())
    kind = block.get("feedback-type").lower().strip()
    outcome = EventKind.NONE if kind in _NO_COMPLAINT else EventKind.COMPLAINT
    named = {addresses.key(address): address for address in _complainers(mail, block)}
    return [Failure(address, outcome, "", kind) for address in named.values() or [""]]


def _without_report(mail: ParsedMail) -> list[Failure]:
    if not _SUBJECT.match(mail.fields.get("subject")):
        return []
    named = [
        addresses.first(value)
        for part in mail.parts
        if part.is_returned
        for name, value in fields.parse(part.text.splitlines()).pairs
        if name.replace("-", "").endswith("originalrecipient")
    ]
    return [Failure(address, EventKind.COMPLAINT, "", "abuse") for address in named[:1] or [""]]


def _complainers(mail: ParsedMail, block: HeaderFields) -> Iterator[str]:
    named = [addresses.of_field(v) for v in block.all("original-rcpt-to", "removal-recipient")]
    if not any(named):
        named = [
            addresses.first(value)
            for part in mail.parts
            if part.is_returned
            for value in _sent_to(fields.parse(part.text.splitlines()))
        ]
    for address in named:
        if address and not any(word in address.lower() for word in _REDACTED):
            yield address


def _sent_to(returned: HeaderFields) -> list[str]:
    return (returned.all("to") or returned.all("x-original-to"))[:1]
