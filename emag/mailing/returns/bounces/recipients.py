"""Finds the failed recipients in a notice in free text.

An address counts only where the shape of the notice says that delivery to it failed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from emag.mailing.returns import mark
from emag.mailing.returns.bounces import addresses, detection, notice_phrases
from emag.mailing.returns.bounces.fields import HeaderFields

_MAX_ADDRESSES = 100  # of one notice
_FULL_LINE = 40  # a line of so many characters may have been wrapped

# Fields that name a failed recipient, wherever they stand.
_NAMING = (
    *("x-failed-recipients", "final-recipient", "original-recipient", "error-for"),
    *("failed-recipient", "x-failed-recipient", "undelivered-recipient", "failed recipient"),
)
_SENT_TO = ("to", "cc", "x-original-to", "received")
_SENT_BY = (
    *("from", "sender", "reply-to", "return-path", "errors-to", "message-id", "references"),
    *("in-reply-to", "list-post", "list-owner", "list-unsubscribe", "x-envelope-from"),
)


@dataclass(frozen=True, slots=True)
class AddressMention:
    """An address, and the place where a notice names it."""

    line: int
    column: int
    address: str


def mentions(lines: list[str]) -> list[AddressMention]:
    """Every address in the lines, in order."""
    return [
        AddressMention(n, column, address)
        for n, line in enumerate(lines)
        for column, address in addresses.find_all(line)
    ]


class RecipientFinder:
    """Finds the failed recipients of one notice.

    `places` are the addresses in its `lines`, `returned` is the header of the returned message,
    and `bystanders` are addresses that the mail itself came from or went to.
    """

    def __init__(
        self,
        lines: list[str],
        places: list[AddressMention],
        returned: HeaderFields,
        bystanders: Iterable[str],
    ) -> None:
        self._lines, self._places, self._returned = lines, places, returned
        self._sent_to = _keys(returned.all(*_SENT_TO))
        self._quoted_to = _keys(m[1] for line in lines if (m := notice_phrases.SENT_TO.match(line)))
        senders = (notice_phrases.OTHER_FIELD.match(line) for line in lines)
        sent_by = [addresses.first(match[1]) for match in senders if match]
        self._bystanders = _keys([*bystanders, *returned.all(*_SENT_BY), *sent_by])

    def recipients(self, head: HeaderFields) -> list[str]:
        """The addresses by the strongest evidence that there is; none rather than a guess."""
        explicit = [a for value in head.all(*_NAMING) for _, a in addresses.find_all(value)]
        explicit += [a for line in self._lines if (a := _by_field(line))]
        if explicit:
            return _unique(explicit)
        for search in (self._at_line_start, self._in_dialogue, self._labelled, self._addressed):
            if candidates := _unique(a for a in search() if self._may_be_recipient(a)):
                return candidates
        for search in (self._near_failure, self._mentioned):
            if candidates := _unique(a for a in search() if self._may_be_recipient(a)):
                # A sentence may name other people too: the recipients of the message are meant.
                sent_to = [a for a in candidates if addresses.key(a) in self._sent_to]
                is_clear = len(candidates) == 1 and not _is_official(candidates[0])
                return sent_to or (candidates if is_clear else [])
        return self._only_recipient()

    def _may_be_recipient(self, address: str) -> bool:
        key = addresses.key(address)
        if not addresses.is_complete(address) or mark.find(address):
            return False
        if key in self._sent_to or key in self._quoted_to:
            return True
        return not (key in self._bystanders or notice_phrases.MACHINE.match(key))

    def _at_line_start(self) -> Iterator[str]:
        """Addresses that begin a line or fill it, except those of the sender."""
        for n, line in enumerate(self._lines):
            match = notice_phrases.AT_LINE_START.match(line)
            if not match or self._continues(n):
                continue
            before = next(
                (self._lines[k] for k in range(n - 1, -1, -1) if self._lines[k].strip()), ""
            )
            if not notice_phrases.INTRODUCES_OTHER.search(before):
                yield addresses.first(match["a"])

    def _continues(self, n: int) -> bool:
        """True for a line that continues the sentence of the line above."""
        above = self._lines[n - 1].rstrip() if n else ""
        here = self._lines[n]
        if (
            len(above) < _FULL_LINE
            or not above[-1].isalpha()
            or notice_phrases.AT_LINE_START.match(above)
        ):
            return False
        return len(above) - len(above.lstrip()) == len(here) - len(here.lstrip())

    def _in_dialogue(self) -> Iterator[str]:
        for line in self._lines:
            yield from (addresses.first(m["a"]) for m in notice_phrases.IN_DIALOGUE.finditer(line))

    def _addressed(self) -> Iterator[str]:
        """“Your mail to ann@example.net”, in a sentence that says that something failed."""
        for mention in self._mentions_near_failure():
            before = self._lines[mention.line][: mention.column]
            above = self._lines[mention.line - 1] if mention.line else ""
            if notice_phrases.ADDRESSED.search(f"{above} {before}"):
                yield mention.address

    def _labelled(self) -> Iterator[str]:
        for line in self._lines:
            if match := notice_phrases.RECIPIENT.match(line):
                yield from (a for _, a in addresses.find_all(match[1]))

    def _near_failure(self) -> Iterator[str]:
        return (mention.address for mention in self._mentions_near_failure())

    def _mentioned(self) -> Iterator[str]:
        return (m.address for m in self._places if not self._is_bystander(m))

    def _mentions_near_failure(self) -> Iterator[AddressMention]:
        """Mentions near words that say that something failed."""
        for mention in self._places:
            near = self._lines[max(0, mention.line - 2) : mention.line + 3]
            if not self._is_bystander(mention) and detection.failure_weight("\n".join(near)) > 0:
                yield mention

    def _is_bystander(self, mention: AddressMention) -> bool:
        above = self._lines[mention.line - 1] if mention.line else ""
        here = self._lines[mention.line][: mention.column].rstrip(" <\"'(:=[")
        if notice_phrases.GENERATED.search(here):
            return False
        return bool(notice_phrases.BYSTANDER.search(f"{above} {here}"))

    def _only_recipient(self) -> list[str]:
        """The recipient of the returned message, if there was only one."""
        for names in (("x-envelope-to",), ("envelope-to",), ("x-original-to",), ("to", "cc")):
            values = self._returned.all(*names)
            unique = _unique(a for value in values for _, a in addresses.find_all(value))
            recipients = [a for a in unique if addresses.key(a) not in self._bystanders]
            if recipients:
                return recipients if len(recipients) == 1 else []
        return []


def _is_official(address: str) -> bool:
    return bool(notice_phrases.OFFICIAL.match(addresses.key(address)))


def _by_field(line: str) -> str:
    match = notice_phrases.NAMING_FIELD.match(line)
    return addresses.of_field(match[1]) if match else ""


def _keys(values: Iterable[str]) -> frozenset[str]:
    return frozenset(addresses.key(a) for value in values for _, a in addresses.find_all(value))


def _unique(candidates: Iterable[str]) -> list[str]:
    by_key: dict[str, str] = {}
    for address in candidates:
        if len(by_key) >= _MAX_ADDRESSES:
            break
        by_key.setdefault(addresses.key(address), address)
    return list(by_key.values())
