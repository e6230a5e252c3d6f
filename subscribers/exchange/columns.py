"""Columns of a file: found by their names, and what their values mean."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from subscribers.errors import WrongFile
from subscribers.exchange.row import RowStatus

_READER = "active subscribed enabled confirmed"
_UNCONFIRMED = "pending unconfirmed validating nonsubscribed transactional"
_LEFT = "unsubscribed inactive disabled blocklisted blacklisted left deleted suppressed optout"
_BOUNCED = "bounced cleaned invalid unreachable undeliverable"
_COMPLAINED = "complained complaint spam abuse"
WORDS = {
    **dict.fromkeys(_READER.split(), RowStatus.READER),
    **dict.fromkeys(_UNCONFIRMED.split(), RowStatus.UNCONFIRMED),
    **dict.fromkeys(_LEFT.split(), RowStatus.LEFT),
    **dict.fromkeys(_BOUNCED.split(), RowStatus.BOUNCED),
    **dict.fromkeys(_COMPLAINED.split(), RowStatus.COMPLAINED),
}
_YES, _NO = {"true", "yes", "1", "t", "y"}, {"false", "no", "0", "f", "n"}
# What a “yes”, or a time, means in a column of such a name. The first that fits counts.
_YES_MEANS = (
    (re.compile(r"complain|spam|abuse"), RowStatus.COMPLAINED),
    (re.compile(r"bounc|clean|invalid|unreach|undeliver"), RowStatus.BOUNCED),
    (re.compile(r"unsub|disabled|deleted|suppress|opt ?out|block|inactive|left"), RowStatus.LEFT),
    (re.compile(r"subscri|active|enabled|confirmed|opt ?in"), RowStatus.READER),
)
StatusReader = Callable[[str], RowStatus | None]


def fold(header: Iterable[str]) -> list[str]:
    """Gives the names of columns in the form in which they are compared."""
    return [" ".join(name.replace("_", " ").replace("-", " ").lower().split()) for name in header]


def find(names: Sequence[str], *wanted: str) -> int | None:
    """Finds the column of the first of these names that exists.

    Raises WrongFile where a name stands twice: the second column might say something else.
    """
    for name in wanted:
        positions = [position for position, other in enumerate(names) if other == name]
        if len(positions) > 1:
            raise WrongFile(f"The first line names the column “{name}” twice: remove one of them.")
        if positions:
            return positions[0]
    return None


def need(names: Sequence[str], *wanted: str) -> int:
    """Finds a column that must exist. Raises WrongFile where it does not."""
    position = find(names, *wanted)
    if position is None:
        raise WrongFile(f"The first line does not name a column “{wanted[0]}”.")
    return position


def pick(fields: Sequence[str], position: int | None) -> str:
    """Gives a field without white space around it; empty where there is no such column."""
    return "" if position is None else fields[position].strip()


def name_columns(names: Sequence[str], *whole: str) -> tuple[int, ...]:
    """Finds the columns that make a name: the whole one, or else the first and the last."""
    one = find(names, *whole) if whole else None
    if one is not None:
        return (one,)
    first = find(names, "first name", "firstname", "given name", "forename")
    last = find(names, "last name", "lastname", "surname", "family name")
    return tuple(position for position in (first, last) if position is not None)


def join(fields: Sequence[str], positions: Sequence[int]) -> str:
    """Joins the fields that make a name."""
    if len(positions) == 1:
        return fields[positions[0]]
    return " ".join(fields[position] for position in positions)


def status(word: str) -> RowStatus | None:
    """Gives the meaning of a word in a column “status”; None where it is not known."""
    return WORDS.get("".join(filter(str.isalpha, word.lower())))


def truth(word: str) -> bool | None:
    """Says whether a field means yes; None where it means neither yes nor no."""
    folded = word.strip().lower()
    return True if folded in _YES else False if folded in _NO else None


def status_reader(name: str) -> StatusReader:
    """Gives a function that reads the values of a column of this name.

    They may be words (“unsubscribed”), a yes or no (“email disabled”) or a time (“deleted at”).
    The function gives None for a value whose meaning is not known.
    """
    yes = next((meaning for pattern, meaning in _YES_MEANS if pattern.search(name)), None)
    no = RowStatus.LEFT if yes is RowStatus.READER else RowStatus.READER

    def read(word: str) -> RowStatus | None:
        by_word = status(word)
        if by_word is not None or yes is None:
            return by_word
        if truth(word) is not None:
            return yes if truth(word) else no
        if yes is RowStatus.READER:
            return None  # a time in “subscribed at” does not say that they still read
        if not word.strip():
            return no
        return yes if moment(word) else None

    return read


def unknown_status(word: str) -> str:
    """The reason to refuse a row whose status is not known."""
    return f"has “{word[:40]}” as its status, which is not known here"


def moment(text: str) -> datetime | None:
    """Reads a time as programs write it; without a zone it is UTC. None for anything else."""
    text = text.strip().removesuffix(" UTC")
    if text[-5:-4] in {"+", "-"}:
        text = text.replace(" +", "+").replace(" -", "-")
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
