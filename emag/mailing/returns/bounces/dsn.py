"""Reads delivery status notifications (RFC 3464, RFC 6533)."""

from emag.mailing.event import EventKind
from emag.mailing.refusal import codes
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns.bounces import addresses, fields
from emag.mailing.returns.bounces.fields import HeaderFields
from emag.mailing.returns.bounces.mime_parts import ParsedMail
from emag.mailing.returns.finding import Failure

_STATUS_KINDS = ("message/delivery-status", "message/global-delivery-status")
_FINAL, _ORIGINAL = "final-recipient", "original-recipient"
_MAX_RECIPIENTS = 1_000  # of one report
_PRIVATE = (".local", ".localdomain", ".internal", ".intern", ".lan")  # RFC 6762 and custom
_DELIVERED = ("delivered", "relayed", "expanded", "deliverable")


def is_group(block: HeaderFields) -> bool:
    """True for the fields of one recipient."""
    return (_FINAL in block or _ORIGINAL in block) and ("action" in block or "status" in block)


def failures(
    mail: ParsedMail, notice: str, returned: HeaderFields, *, is_ours: bool = False
) -> list[Failure]:
    """The outcome for each address of a delivery status.

    `notice` is the text for a person, and `returned` the header of the returned message.
    `is_ours` says that the report holds something that looks like a mark of ours.
    """
    groups = [
        block
        for part in mail.of_kind(*_STATUS_KINDS)
        for block in fields.blocks(part.text)
        if is_group(block)
    ]
    sent_to = frozenset(
        addresses.key(address)
        for value in returned.all("to", "cc")
        for _, address in addresses.find_all(value)
    )
    return group_failures(groups, notice, sent_to, is_ours=is_ours)


def group_failures(
    groups: list[HeaderFields],
    notice: str,
    sent_to: frozenset[str] = frozenset(),
    *,
    is_ours: bool = False,
) -> list[Failure]:
    """One failure for each address; of several groups with the same address the first counts."""
    by_address: dict[str, Failure] = {}
    for group in groups[:_MAX_RECIPIENTS]:
        address = _recipient(group, sent_to, is_ours=is_ours)
        failure = _failure(group, address, notice if len(groups) == 1 else "")
        by_address.setdefault(addresses.key(failure.address), failure)
    return list(by_address.values())


def _failure(group: HeaderFields, address: str, notice: str) -> Failure:
    action = group.get("action").lower().partition(" ")[0].strip("();,")
    prefix, _, rest = " ".join(group.all("diagnostic-code")).partition(";")
    words = rest.strip() or prefix.strip()
    status = group.get("status")
    code = codes.best_status_code(status) or next(iter(codes.status_codes(status)), "")
    if action in _DELIVERED:
        return Failure(address, EventKind.DELIVERED, code, words)
    comment = status.partition("(")[2]  # some servers give the reason here
    outcome, code = verdict(f"{words} {comment}", code=code, around=notice, dialogue=notice)
    if action == "delayed":  # whatever the reason, the server still tries
        outcome = EventKind.DELAYED
    return Failure(address, outcome, code, words or comment)


def _recipient(group: HeaderFields, sent_to: frozenset[str], *, is_ours: bool) -> str:
    """The address that the message was sent to, as far as the report shows it.

    Our messages have one recipient each, so for them the original recipient counts, whatever
    address it was forwarded to. For other messages it counts where the final recipient is an
    alias in the same domain, or an address of a private or foreign (X.400) network.
    """
    final = addresses.of_field(group.get(_FINAL))
    original = addresses.of_field(group.get(_ORIGINAL))
    if not (final and original):
        return next((a for a in (final, original) if addresses.is_complete(a)), "")
    domain = addresses.domain(final)
    is_foreign = group.get(_FINAL).lower().startswith("x400")
    is_private = "." not in domain or domain.endswith(_PRIVATE)
    is_alias = domain == addresses.domain(original) and addresses.key(original) in sent_to
    is_original = is_foreign or is_private or is_alias
    if is_ours and addresses.is_complete(original):
        is_original = True
    return original if is_original else final
