"""Classifies any mail that came to the bounce address."""

from collections.abc import Iterable
from dataclasses import replace

from emag.mailing.event import EventKind
from emag.mailing.refusal import codes
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns import ses_notification
from emag.mailing.returns.bounces import (
    addresses,
    arf,
    autoreply,
    detection,
    dsn,
    fields,
    free_text,
    mime_parts,
    references,
    sections,
)
from emag.mailing.returns.bounces.fields import HeaderFields
from emag.mailing.returns.bounces.mime_parts import ParsedMail
from emag.mailing.returns.bounces.sections import Sections
from emag.mailing.returns.finding import Failure, Finding

_MAX_DEPTH = 2  # reports inside reports
_WEIGHT = {
    EventKind.COMPLAINT: 6,
    EventKind.HARD: 5,
    EventKind.POLICY: 4,
    EventKind.SOFT: 3,
    EventKind.DELAYED: 2,
    EventKind.DELIVERED: 1,
}


def classify(raw: bytes) -> Finding:
    """What a mail reports. Any bytes will do; time and memory are bounded."""
    mail = mime_parts.parse(raw)
    split = sections.split(mail)
    failures = _in_report(mail, split)
    marks_inside: tuple[str, ...] = ()
    if not failures:
        failures, marks_inside = _in_attachment(mail, 1)
    if not failures and detection.is_bounce(mail, split):
        failures = _in_free_text(mail, split)
    return Finding(
        outcome=_outcome(mail, failures, split.text),
        failures=tuple(failures),
        marks=(*references.marks(mail, split), *marks_inside),
        links=tuple(references.links(mail, split)),
        date=mail.fields.get("date"),
    )


def _outcome(mail: ParsedMail, failures: list[Failure], text: str) -> EventKind:
    if not failures:
        return EventKind.AUTOREPLY if autoreply.is_automatic(mail, text) else EventKind.NONE
    outcomes = (failure.outcome for failure in failures)
    return max(outcomes, key=lambda outcome: _WEIGHT.get(outcome, 0))


def _in_attachment(mail: ParsedMail, depth: int) -> tuple[list[Failure], tuple[str, ...]]:
    """The failures and marks of a report that a person forwarded as an attachment."""
    for part in mail.parts:
        if part.is_returned and depth <= _MAX_DEPTH:
            inner = mime_parts.parse(part.text.encode("utf-8", "replace"))
            split = sections.split(inner)
            if failures := _in_report(inner, split):
                return failures, tuple(references.marks(inner, split))
            failures, marks = _in_attachment(inner, depth + 1)
            if failures:
                return failures, marks
    return [], ()


def _in_report(mail: ParsedMail, split: Sections) -> list[Failure]:
    """The failures in a machine-readable report: ARF, SES or DSN."""
    if failures := arf.complaints(mail) or _in_ses_mail(mail):
        return failures
    is_ours = any(references.marks(mail, split)) or "list-unsubscribe" in split.returned
    if failures := dsn.failures(mail, split.text, split.returned, is_ours=is_ours):
        return _with_notice(failures, mail, split)
    return dsn.group_failures(_groups([split.text]), split.text)


def _in_ses_mail(mail: ParsedMail) -> list[Failure]:
    notification = ses_notification.find(mail.parts[0].text) if mail.parts else None
    return ses_notification.failures(notification) if notification else []


def _in_free_text(mail: ParsedMail, split: Sections) -> list[Failure]:
    if detection.is_delivered(split.text):
        return [Failure("", EventKind.DELIVERED)]
    # A report may be copied into the text, below the line where the notice was cut.
    copies = (part.text for part in mail.parts if not part.is_returned)
    return (
        _by_notice(mail, split)
        or dsn.group_failures(_groups(copies), "")
        or [_without_address(mail, split.text)]
    )


def _groups(texts: Iterable[str]) -> list[HeaderFields]:
    return [block for text in texts for block in fields.blocks(text) if dsn.is_group(block)]


def _with_notice(failures: list[Failure], mail: ParsedMail, split: Sections) -> list[Failure]:
    """Completes a report from the notice beside it, which may name the address or the reason."""
    is_nameless = len(failures) == 1 and not failures[0].address
    is_unexplained = len(failures) > 1 and any(not failure.words for failure in failures)
    if not (is_nameless or is_unexplained):
        return failures
    named = _by_notice(mail, split)
    if is_nameless:
        return [replace(failures[0], address=named[0].address)] if len(named) == 1 else failures
    by_address = {addresses.key(failure.address): failure for failure in named}
    return [_explained(f, by_address.get(addresses.key(f.address))) for f in failures]


def _explained(failure: Failure, named: Failure | None) -> Failure:
    is_final = failure.outcome not in {EventKind.DELIVERED, EventKind.DELAYED}
    is_open = not failure.words and (not failure.status or codes.is_vague(failure.status))
    return replace(named, address=failure.address) if named and is_open and is_final else failure


def _by_notice(mail: ParsedMail, split: Sections) -> list[Failure]:
    values = mail.fields.all("from", "to", "sender") + split.returned.all("from", "sender")
    bystanders = [address for value in values for _, address in addresses.find_all(value)]
    return free_text.failures(split, mail.fields, bystanders=bystanders)


def _without_address(mail: ParsedMail, text: str) -> Failure:
    outcome, code = verdict(text, around=mail.fields.get("subject"))
    if detection.is_delay(text, mail.fields.get("subject")):
        outcome = EventKind.DELAYED
    return Failure("", outcome, code)
