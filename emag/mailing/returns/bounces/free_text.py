"""Reads bounces in free text, which follow no standard."""

from collections.abc import Iterable

from emag.mailing.event import EventKind
from emag.mailing.refusal import codes
from emag.mailing.refusal.verdict import verdict
from emag.mailing.returns.bounces import addresses, detection, fields
from emag.mailing.returns.bounces.fields import HeaderFields
from emag.mailing.returns.bounces.recipients import AddressMention, RecipientFinder, mentions
from emag.mailing.returns.bounces.sections import Sections
from emag.mailing.returns.finding import Failure

_LINES_AFTER = 14  # lines about an address, from the address on
_LINES_BEFORE = 6  # lines of an SMTP dialogue before the address that it is about
_MAX_WORDS = 500  # characters


def failures(split: Sections, head: HeaderFields, *, bystanders: Iterable[str]) -> list[Failure]:
    """The outcome for each address that could not be reached.

    `bystanders` are the addresses that the mail itself came from or went to.
    """
    places = mentions(split.lines)
    named = RecipientFinder(split.lines, places, split.returned, bystanders).recipients(head)
    starts = {addresses.key(address): _first_line(places, address) for address in named}
    subject = fields.decoded(head.get("subject"))
    is_delay = detection.is_delay(split.text, subject)
    outcomes = []
    for address in named:
        words = _lines_about(split.lines, places, address, starts)
        if len(named) == 1 and not _has_code(words) and _has_code(split.text):
            words = f"{words}\n{split.text}"
        outcome, code = verdict(
            words,
            around=f"{subject}\n{split.text}",
            dialogue=split.text if len(named) == 1 else "",
        )
        outcome = EventKind.DELAYED if is_delay else outcome
        outcomes.append(Failure(address, outcome, code, " ".join(words.split())[:_MAX_WORDS]))
    return outcomes


def _first_line(places: list[AddressMention], address: str) -> int:
    key = addresses.key(address)
    return next((place.line for place in places if addresses.key(place.address) == key), -1)


def _lines_about(
    lines: list[str], places: list[AddressMention], address: str, starts: dict[str, int]
) -> str:
    """What the notice says of one address: from the line that names it to the next address."""
    key = addresses.key(address)
    others = {line for other, line in starts.items() if other != key}
    chosen: dict[int, str] = {}
    for place in places:
        if addresses.key(place.address) != key:
            continue
        for n in range(place.line - 1, max(-1, place.line - _LINES_BEFORE), -1):
            if n in others or not lines[n].strip() or not _is_dialogue(lines[n]):
                break
            chosen[n] = lines[n]
        for n in range(place.line, min(len(lines), place.line + _LINES_AFTER)):
            if n in others or (n > place.line + 1 and not lines[n].strip() and chosen):
                break
            chosen[n] = lines[n]
    return "\n".join(chosen[n] for n in sorted(chosen))


def _has_code(words: str) -> bool:
    return bool(codes.best_status_code(words) or codes.reply_code(words))


def _is_dialogue(line: str) -> bool:
    return line.lstrip()[:3] in {"<<<", ">>>", "..."} or bool(codes.reply_code(line))
