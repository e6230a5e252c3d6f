"""Bounces that follow no standard: who could not be reached, by a notice's shape and wording."""

from collections.abc import Iterable

from emag.mailing.returns.bounces import addresses, fields, signs, status
from emag.mailing.returns.bounces.fields import Fields
from emag.mailing.returns.bounces.named import Mention, Naming, mentions
from emag.mailing.returns.bounces.original import Told
from emag.mailing.returns.bounces.verdict import verdict
from emag.mailing.returns.finding import Failure, Outcome

_BLOCK = 14  # lines about one address
_BEFORE = 6  # lines of a dialogue before the address it was about


def failures(told: Told, head: Fields, *, own: Iterable[str]) -> list[Failure]:
    """Who could not be reached. `own` are addresses that the mail came from or went to."""
    lines = told.lines
    places = mentions(lines)
    named = Naming(lines, places, told.returned, own).names(head)
    starts = {addresses.key(a): _first_line(places, a) for a in named}
    everything = "\n".join(lines)
    waits = signs.is_waiting(everything, fields.decoded(head.get("subject")))
    found = []
    for address in named:
        words = _about(lines, places, address, starts)
        if len(named) == 1 and not _has_code(words):
            words = f"{words}\n{everything}" if _has_code(everything) else words
        outcome, code = verdict(
            words,
            around=_around(everything, head),
            dialogue=everything if len(named) == 1 else "",
        )
        if waits and outcome is not Outcome.POLICY:
            outcome = Outcome.DELAYED
        found.append(Failure(address, outcome, code, _short(words)))
    return found


def _around(everything: str, head: Fields) -> str:
    return f"{fields.decoded(head.get('subject'))}\n{everything}"


def _first_line(places: list[Mention], address: str) -> int:
    key = addresses.key(address)
    return next((m.line for m in places if addresses.key(m.address) == key), -1)


def _about(lines: list[str], places: list[Mention], address: str, starts: dict[str, int]) -> str:
    """What the notice says of one address: the lines from where it stands to the next one."""
    key = addresses.key(address)
    others = {line for other, line in starts.items() if other != key}
    said: dict[int, str] = {}
    for mention in places:
        if addresses.key(mention.address) != key:
            continue
        for n in range(mention.line - 1, max(-1, mention.line - _BEFORE), -1):
            if n in others or not lines[n].strip() or not _is_dialogue(lines[n]):
                break
            said[n] = lines[n]
        for n in range(mention.line, min(len(lines), mention.line + _BLOCK)):
            if n in others or (n > mention.line + 1 and not lines[n].strip() and said):
                break
            said[n] = lines[n]
    return "\n".join(said[n] for n in sorted(said))


def _has_code(words: str) -> bool:
    return bool(status.telling(words) or status.reply(words))


def _is_dialogue(line: str) -> bool:
    return line.lstrip()[:3] in {"<<<", ">>>", "..."} or bool(status.reply(line))


def _short(words: str) -> str:
    return " ".join(words.split())[:500]
