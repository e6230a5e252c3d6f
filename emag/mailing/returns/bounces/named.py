"""Whom a notice names: an address counts only where the notice's shape says that it failed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emag.mailing.returns.bounces import addresses, marks, signs, speech
from emag.mailing.returns.bounces.fields import Fields

_MOST = 100  # addresses of one notice
_LONG = 40  # a line of so many characters may have been broken to fit

# Fields that name who failed, wherever they stand.
_NAMING = (
    *("x-failed-recipients", "final-recipient", "original-recipient", "error-for"),
    *("failed-recipient", "x-failed-recipient", "undelivered-recipient", "failed recipient"),
)
_SENT_TO = ("to", "cc", "x-original-to", "received")
_OURS = (
    *("from", "sender", "reply-to", "return-path", "errors-to", "message-id", "references"),
    *("in-reply-to", "list-post", "list-owner", "list-unsubscribe", "x-envelope-from"),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An address, and where a notice names it."""

    line: int
    column: int
    address: str


def mentions(lines: list[str]) -> list[Mention]:
    return [
        Mention(n, column, address)
        for n, line in enumerate(lines)
        for column, address in addresses.found(line)
    ]


class Naming:
    """What is known of the addresses in a notice: who was written to, and who only wrote."""

    def __init__(
        self, lines: list[str], found: list[Mention], returned: Fields, own: Iterable[str]
    ) -> None:
        self._lines, self._mentions, self._returned = lines, found, returned
        self._sent_to = _keys(returned.all(*_SENT_TO))
        self._told_to = _keys(m[1] for line in lines if (m := speech.SENT_TO.match(line)))
        wrote = [addresses.first(m[1]) for line in lines if (m := speech.SOMEBODY_ELSE.match(line))]
        self._strangers = _keys([*own, *returned.all(*_OURS), *wrote])

    def names(self, head: Fields) -> list[str]:
        """The addresses by the strongest sign that there is; none where it would be a guess."""
        explicit = [a for value in head.all(*_NAMING) for _, a in addresses.found(value)]
        explicit += [a for line in self._lines if (a := _by_field(line))]
        if explicit:
            return _once(explicit)
        for way in (self._alone, self._spoken, self._labelled, self._addressed):
            if some := _once(a for a in way() if self._stands(a)):
                return some
        for way in (self._blamed, self._mentioned):
            if some := _once(a for a in way() if self._stands(a)):
                # A sentence may name somebody else, too; whoever was written to is meant.
                known = [a for a in some if addresses.key(a) in self._sent_to]
                return known or (some if len(some) == 1 and self._is_person(some[0]) else [])
        return self._only_recipient()

    def _stands(self, address: str) -> bool:
        key = addresses.key(address)
        if not addresses.is_whole(address) or marks.within(address):
            return False
        is_meant = key in self._sent_to or key in self._told_to
        return is_meant or not (key in self._strangers or speech.MACHINE.match(key))

    def _is_person(self, address: str) -> bool:
        return not speech.OFFICIAL.match(addresses.key(address))

    def _alone(self) -> Iterator[str]:
        """Addresses that a line is about, unless it only names who wrote."""
        for n, line in enumerate(self._lines):
            match = speech.ALONE.match(line)
            if not match or self._continues(n):
                continue
            before = next(
                (self._lines[k] for k in range(n - 1, -1, -1) if self._lines[k].strip()), ""
            )
            if not speech.NOT_HIM.search(before):
                yield addresses.first(match["a"])

    def _continues(self, n: int) -> bool:
        """True for a line that goes on with the sentence of the one above."""
        above = self._lines[n - 1].rstrip() if n else ""
        here = self._lines[n]
        if len(above) < _LONG or not above[-1].isalpha() or speech.ALONE.match(above):
            return False
        return len(above) - len(above.lstrip()) == len(here) - len(here.lstrip())

    def _spoken(self) -> Iterator[str]:
        for line in self._lines:
            yield from (addresses.first(m["a"]) for m in speech.SPOKEN.finditer(line))

    def _addressed(self) -> Iterator[str]:
        """“Your mail to ann@example.net”, in a sentence that says that something failed."""
        for mention in self._failing():
            before = self._lines[mention.line][: mention.column]
            above = self._lines[mention.line - 1] if mention.line else ""
            if speech.ADDRESSED.search(f"{above} {before}"):
                yield mention.address

    def _labelled(self) -> Iterator[str]:
        for line in self._lines:
            if match := speech.RECIPIENT.match(line):
                yield from (a for _, a in addresses.found(match[1]))

    def _blamed(self) -> Iterator[str]:
        return (mention.address for mention in self._failing())

    def _mentioned(self) -> Iterator[str]:
        return (m.address for m in self._mentions if not self._is_bystander(m))

    def _failing(self) -> Iterator[Mention]:
        """Mentions near words that say that something failed."""
        for mention in self._mentions:
            near = self._lines[max(0, mention.line - 2) : mention.line + 3]
            if not self._is_bystander(mention) and signs.weight("\n".join(near)) > 0:
                yield mention

    def _is_bystander(self, mention: Mention) -> bool:
        above = self._lines[mention.line - 1] if mention.line else ""
        here = self._lines[mention.line][: mention.column].rstrip(" <\"'(:=[")
        if speech.GENERATED.search(here):
            return False
        return bool(speech.BYSTANDER.search(f"{above} {here}"))

    def _only_recipient(self) -> list[str]:
        """Whom the returned message was for, if that was one person."""
        for names in (("x-envelope-to",), ("envelope-to",), ("x-original-to",), ("to", "cc")):
            values = self._returned.all(*names)
            found = _once(a for value in values for _, a in addresses.found(value))
            found = [a for a in found if addresses.key(a) not in self._strangers]
            if found:
                return found if len(found) == 1 else []
        return []


def _by_field(line: str) -> str:
    match = speech.NAMED.match(line)
    return addresses.typed(match[1]) if match else ""


def _keys(values: Iterable[str]) -> frozenset[str]:
    return frozenset(addresses.key(a) for value in values for _, a in addresses.found(value))


def _once(found: Iterable[str]) -> list[str]:
    once: dict[str, str] = {}
    for address in found:
        if len(once) >= _MOST:
            break
        once.setdefault(addresses.key(address), address)
    return list(once.values())
