"""Bounces that follow no standard: who could not be reached, by a notice's shape and wording."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from emag.mailing.feedback.returned import addresses, fields, signs, speech, status
from emag.mailing.feedback.returned.fields import Fields
from emag.mailing.feedback.returned.original import Told
from emag.mailing.feedback.returned.verdict import verdict
from emag.mailing.finding import Failure, Outcome

_MOST = 100  # addresses of one notice
_BLOCK = 14  # lines about one address
_BY_SENTENCE = 2  # from this way on, an address is known by what stands around it
_BEFORE = 6  # lines of a dialogue before the address it was about

# Fields that name who failed, wherever they stand.
_NAMING = (
    *("x-failed-recipients", "final-recipient", "original-recipient", "error-for"),
    *("failed-recipient", "x-failed-recipient", "undelivered-recipient", "failed recipient"),
)


@dataclass(frozen=True, slots=True)
class _Mention:
    line: int
    column: int
    address: str


def failures(told: Told, head: Fields, *, own: Iterable[str]) -> list[Failure]:
    """Who could not be reached. `own` are addresses that the mail came from or went to."""
    lines = told.lines
    strangers = frozenset(addresses.key(a) for a in own if a)
    mentions = [
        _Mention(n, column, address)
        for n, line in enumerate(lines)
        for column, address in addresses.found(line)
    ]
    named = _named(lines, head, mentions, told.returned, strangers)
    starts = {addresses.key(a): _first_line(mentions, a) for a in named}
    everything = "\n".join(lines)
    waits = signs.is_waiting(everything, fields.decoded(head.get("subject")))
    found = []
    for address in named:
        words = _about(lines, mentions, address, starts)
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


def _named(
    lines: list[str],
    head: Fields,
    mentions: list[_Mention],
    returned: Fields,
    strangers: frozenset[str],
) -> list[str]:
    """The addresses by the strongest sign that the notice gives."""
    explicit = [a for value in head.all(*_NAMING) for _, a in addresses.found(value)]
    explicit += [a for line in lines if (a := _by_field(line))]
    if explicit:
        return _once(explicit)
    sent_to = {
        addresses.key(a)
        for value in returned.all("to", "cc", "x-original-to", "received")
        for _, a in addresses.found(value)
    }

    def stands(address: str) -> bool:
        key = addresses.key(address)
        is_own = key in strangers and key not in sent_to
        return not is_own and not speech.OFFICIAL.match(key)

    ways: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: (a for n, line in enumerate(lines) if (a := _alone(lines, n, line))),
        lambda: (_tidy(m["a"]) for line in lines for m in speech.SPOKEN.finditer(line)),
        lambda: (m.address for m in mentions if _is_blamed(lines, m)),
        lambda: (m.address for m in mentions if not _is_bystander(lines, m)),
    )
    for number, way in enumerate(ways):
        if some := _once(a for a in way() if "@" in a and stands(a)):
            # A sentence may name somebody else, too; whoever was written to is meant.
            known = [a for a in some if addresses.key(a) in sent_to]
            return known or some if number >= _BY_SENTENCE else some
    return _only_recipient(returned, strangers)


def _by_field(line: str) -> str:
    match = speech.NAMED.match(line)
    return addresses.typed(match[1]) if match else ""


def _alone(lines: list[str], n: int, line: str) -> str:
    """The address that a line is about, unless it only names who wrote."""
    match = speech.ALONE.match(line)
    if not match:
        return ""
    before = next((lines[k] for k in range(n - 1, -1, -1) if lines[k].strip()), "")
    if speech.NOT_HIM.search(before):
        return ""
    return _tidy(match["a"])


def _tidy(text: str) -> str:
    return addresses.first(text)


def _is_bystander(lines: list[str], mention: _Mention) -> bool:
    before = lines[mention.line][: mention.column].rstrip(" <\"'(:=[")
    return bool(speech.BYSTANDER.search(before)) and not speech.GENERATED.search(before)


def _is_blamed(lines: list[str], mention: _Mention) -> bool:
    """True where the sentence that names the address says that something failed."""
    if _is_bystander(lines, mention):
        return False
    near = lines[max(0, mention.line - 2) : mention.line + 3]
    return signs.weight("\n".join(near)) > 0


def _once(found: Iterable[str]) -> list[str]:
    once: dict[str, str] = {}
    for address in found:
        if len(once) >= _MOST:
            break
        once.setdefault(addresses.key(address), address)
    return list(once.values())


def _only_recipient(returned: Fields, strangers: frozenset[str]) -> list[str]:
    """Whom the returned message was for, if that was one person."""
    for names in (("x-envelope-to",), ("envelope-to",), ("x-original-to",), ("to", "cc")):
        found = _once(a for value in returned.all(*names) for _, a in addresses.found(value))
        found = [a for a in found if addresses.key(a) not in strangers]
        if len(found) == 1:
            return found
        if found:
            return []
    return []


def _first_line(mentions: list[_Mention], address: str) -> int:
    key = addresses.key(address)
    return next((m.line for m in mentions if addresses.key(m.address) == key), -1)


def _about(lines: list[str], mentions: list[_Mention], address: str, starts: dict[str, int]) -> str:
    """What the notice says of one address: the lines from where it stands to the next one."""
    key = addresses.key(address)
    others = {line for other, line in starts.items() if other != key}
    said: dict[int, str] = {}
    for mention in mentions:
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
