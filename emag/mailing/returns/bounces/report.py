"""Delivery status notifications (RFC 3464, RFC 6533) and feedback reports (RFC 5965)."""

import re
from collections.abc import Iterator

from emag.mailing.returns.bounces import addresses, fields, status
from emag.mailing.returns.bounces.fields import Fields
from emag.mailing.returns.bounces.parts import Mail
from emag.mailing.returns.bounces.verdict import verdict
from emag.mailing.returns.finding import Failure, Outcome

STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status")
FEEDBACK_KIND = "message/feedback-report"
_FINAL, _ORIGINAL = "final-recipient", "original-recipient"
_DIAGNOSTIC = "diagnostic-code"
# Microsoft's programme forwards the mail under this subject, with whom it was for in a field.
_COMPLAINT = re.compile(r"^\s*complaint about message from \S+", re.IGNORECASE)
_MOST = 1_000  # recipients of one report
_INSIDE = (".local", ".localdomain", ".internal", ".intern", ".lan")

_ARRIVED = ("delivered", "relayed", "expanded", "deliverable")
# RFC 6430 and 6591: the reader wants the mail, or nobody complained at all.
_NO_COMPLAINT = {"not-spam": Outcome.NONE, "auth-failure": Outcome.POLICY}
_REDACTED = ("redacted", "undisclosed", "suppressed", "removed", "unknown")


def is_group(block: Fields) -> bool:
    """True for what a report says of one recipient."""
    return (_FINAL in block or _ORIGINAL in block) and ("action" in block or "status" in block)


def failures(mail: Mail, around: str, returned: Fields) -> list[Failure]:
    """What the mail's delivery status says, address by address; the report itself names all.

    `around` is the notice that a person would read, `returned` the header that came back.
    """
    groups = [
        block
        for part in mail.of_kind(*STATUS_KINDS)
        for block in fields.blocks(part.text)
        if is_group(block)
    ]
    written_to = frozenset(
        addresses.key(a) for value in returned.all("to", "cc") for _, a in addresses.found(value)
    )
    return groups_told(groups, around, written_to)


def groups_told(
    groups: list[Fields], around: str, written_to: frozenset[str] = frozenset()
) -> list[Failure]:
    """One failure for each address; the first that is final stands for the same ones after it."""
    found: dict[str, Failure] = {}
    for group in groups[:_MOST]:
        failure = _failure(group, around if len(groups) == 1 else "", written_to)
        found.setdefault(addresses.key(failure.address), failure)
    return list(found.values())


def _failure(group: Fields, around: str, written_to: frozenset[str]) -> Failure:
    address = _recipient(group, written_to)
    action = group.get("action").lower().partition(" ")[0].strip("();,")
    words = " ".join(group.all(_DIAGNOSTIC)).partition(";")
    said = words[2].strip() or words[0].strip()
    code = status.telling(group.get("status")) or _first_code(group.get("status"))
    if action in _ARRIVED:
        return Failure(address, Outcome.DELIVERED, code, said)
    remark = group.get("status").partition("(")[2]  # some say why in a comment
    outcome, code = verdict(f"{said} {remark}", code=code, around=around, dialogue=around)
    if action == "delayed" and outcome is not Outcome.POLICY:
        outcome = Outcome.DELAYED
    return Failure(address, outcome, code, said or remark)


def _first_code(text: str) -> str:
    return next(iter(status.codes(text)), "")


def _recipient(group: Fields, written_to: frozenset[str]) -> str:
    """The final recipient, unless it only stands for the original one.

    That is so where it is written in another network's way, where it is a name inside of one
    (RFC 6762), and where it is the same place's own name for an address that we wrote to.
    """
    final, original = addresses.typed(group.get(_FINAL)), addresses.typed(group.get(_ORIGINAL))
    if not (final and original):
        return next((a for a in (final, original) if addresses.is_whole(a)), "")
    if "." not in addresses.domain(final):  # a name within somebody's network
        return original
    is_foreign = group.get(_FINAL).lower().startswith("x400")
    is_inside = addresses.domain(final).endswith(_INSIDE)
    at_home = addresses.domain(final) == addresses.domain(original)
    is_alias = at_home and addresses.key(original) in written_to
    return original if is_foreign or is_inside or is_alias else final


def complaints(mail: Mail) -> list[Failure]:
    """What a feedback report says; its addresses may be redacted or absent."""
    part = next(mail.of_kind(FEEDBACK_KIND), None)
    if part is None:
        return _plain_complaint(mail)
    block = fields.parse(part.text.splitlines())
    kind = block.get("feedback-type").lower().strip()
    outcome = _NO_COMPLAINT.get(kind, Outcome.COMPLAINT)
    named = {addresses.key(a): a for a in _complainers(mail, block)}
    found = [Failure(address, outcome, "", kind) for address in named.values()]
    return found or [Failure("", outcome, "", kind)]


def _plain_complaint(mail: Mail) -> list[Failure]:
    if not _COMPLAINT.match(mail.fields.get("subject")):
        return []
    named = [
        addresses.first(value)
        for part in mail.parts
        if part.is_returned
        for name, value in fields.parse(part.text.splitlines()).pairs
        if name.replace("-", "").endswith("originalrecipient")
    ]
    return [Failure(address, Outcome.COMPLAINT, "", "abuse") for address in named[:1] or [""]]


def _complainers(mail: Mail, block: Fields) -> Iterator[str]:
    named = [addresses.typed(v) for v in block.all("original-rcpt-to", "removal-recipient")]
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


def _sent_to(returned: Fields) -> list[str]:
    return (returned.all("to") or returned.all("x-original-to"))[:1]
