"""Reads any mail that came to the bounce address, and says what it reports."""

from collections.abc import Iterable
from dataclasses import replace

from emag.mailing.returns.bounces import (
    addresses,
    automatic,
    fields,
    marks,
    notice,
    notification,
    original,
    parts,
    report,
    signs,
    status,
)
from emag.mailing.returns.bounces.fields import Fields
from emag.mailing.returns.bounces.original import Told
from emag.mailing.returns.bounces.parts import Mail
from emag.mailing.returns.bounces.verdict import verdict
from emag.mailing.returns.finding import Failure, Finding, Outcome

_DEEPEST = 2  # reports inside reports
_WEIGHT = {Outcome.COMPLAINT: 6, Outcome.HARD: 5, Outcome.POLICY: 4, Outcome.SOFT: 3}
_WEIGHT |= {Outcome.DELAYED: 2, Outcome.DELIVERED: 1}


def examine(raw: bytes) -> Finding:
    """What the mail reports. Any octets will do; time and memory are bounded by what is read."""
    mail = parts.read(raw)
    told = original.told(mail)
    found = _reported(mail, told)
    passed_on: tuple[str, ...] = ()
    if not found:
        found, passed_on = _within(mail, 1)
    text = "\n".join(told.lines)
    if not found and signs.is_bounce(mail, told, text):
        found = _noticed(mail, told, text)
    return Finding(
        outcome=_outcome(mail, found, text),
        failures=tuple(found),
        marks=(*marks.candidates(mail, told), *passed_on),
        links=tuple(marks.links(mail, told)),
        date=mail.fields.get("date"),
    )


def _outcome(mail: Mail, found: list[Failure], text: str) -> Outcome:
    if not found:
        return Outcome.AUTOREPLY if automatic.is_automatic(mail, text) else Outcome.NONE
    return max((each.outcome for each in found), key=lambda outcome: _WEIGHT.get(outcome, 0))


def _within(mail: Mail, depth: int) -> tuple[list[Failure], tuple[str, ...]]:
    """A report that somebody passed on, as it was, inside a mail of his own; and its marks."""
    for part in mail.parts:
        if part.is_returned and depth <= _DEEPEST:
            inner = parts.read(part.text.encode("utf-8", "replace"))
            told = original.told(inner)
            if found := _reported(inner, told):
                return found, tuple(marks.candidates(inner, told))
            found, carried = _within(inner, depth + 1)
            if found:
                return found, carried
    return [], ()


def _reported(mail: Mail, told: Told) -> list[Failure]:
    """What a report says that a program can read."""
    if found := report.complaints(mail) or _noted(mail):
        return found
    text = "\n".join(told.lines)
    if found := report.failures(mail, text, told.returned):
        return _with_notice(found, mail, told)
    return report.groups_told(_groups([text]), text)


def _noted(mail: Mail) -> list[Failure]:
    """A provider's notification, sent as a mail."""
    noted = notification.within(mail.parts[0].text) if mail.parts else None
    return notification.failures(noted) if noted else []


def _noticed(mail: Mail, told: Told, text: str) -> list[Failure]:
    if signs.has_arrived(text):
        return [Failure("", Outcome.DELIVERED)]
    # A report may be copied into the text, below the line that we cut at.
    copies = (part.text for part in mail.parts if not part.is_returned)
    return (
        _by_notice(mail, told) or report.groups_told(_groups(copies), "") or [_nameless(mail, text)]
    )


def _groups(texts: Iterable[str]) -> list[Fields]:
    return [block for text in texts for block in fields.blocks(text) if report.is_group(block)]


def _with_notice(found: list[Failure], mail: Mail, told: Told) -> list[Failure]:
    """The notice beside a report may name whom the report does not, and say why."""
    nameless = len(found) == 1 and not found[0].address
    unexplained = len(found) > 1 and any(not each.words for each in found)
    if not (nameless or unexplained):
        return found
    beside = _by_notice(mail, told)
    if nameless:
        return [replace(found[0], address=beside[0].address)] if len(beside) == 1 else found
    reasons = {addresses.key(each.address): each for each in beside}
    return [_explained(each, reasons.get(addresses.key(each.address))) for each in found]


def _explained(failure: Failure, beside: Failure | None) -> Failure:
    is_open = not failure.words and (not failure.status or status.is_vague(failure.status))
    if beside is None or not is_open or failure.outcome in {Outcome.DELIVERED, Outcome.DELAYED}:
        return failure
    return replace(beside, address=failure.address)


def _by_notice(mail: Mail, told: Told) -> list[Failure]:
    head = mail.fields
    own = [a for value in head.all("from", "to", "sender") for _, a in addresses.found(value)]
    own += [a for value in told.returned.all("from", "sender") for _, a in addresses.found(value)]
    return notice.failures(told, head, own=own)


def _nameless(mail: Mail, text: str) -> Failure:
    outcome, code = verdict(text, around=mail.fields.get("subject"))
    if signs.is_waiting(text, mail.fields.get("subject")):
        outcome = Outcome.DELAYED
    return Failure("", outcome, code)
