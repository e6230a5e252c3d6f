"""Columns of a file, found by their names."""

from collections.abc import Iterable, Sequence

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


def fold(header: Iterable[str]) -> list[str]:
    """Names of columns as they are compared."""
    return [" ".join(name.replace("_", " ").replace("-", " ").lower().split()) for name in header]


def find(names: Sequence[str], *wanted: str) -> int | None:
    """The column of the first of these names that there is. Raises WrongFile where it is twofold:
    the second might say something else."""
    for name in wanted:
        at = [number for number, found in enumerate(names) if found == name]
        if len(at) > 1:
            raise WrongFile(
                f"The first line names the column “{name}” twice: take one of them out."
            )
        if at:
            return at[0]
    return None


def need(names: Sequence[str], *wanted: str) -> int:
    """The same, where it must be there."""
    at = find(names, *wanted)
    if at is None:
        raise WrongFile(f"The first line does not name a column “{wanted[0]}”.")
    return at


def pick(fields: Sequence[str], at: int | None) -> str:
    return "" if at is None else fields[at].strip()


def named(names: Sequence[str], *whole: str) -> tuple[int, ...]:
    """The columns that make a name: the whole one, or else the first and the last."""
    one = find(names, *whole) if whole else None
    if one is not None:
        return (one,)
    first = find(names, "first name", "firstname", "given name", "forename")
    last = find(names, "last name", "lastname", "surname", "family name")
    return tuple(at for at in (first, last) if at is not None)


def join(fields: Sequence[str], at: Sequence[int]) -> str:
    return fields[at[0]] if len(at) == 1 else " ".join(fields[n] for n in at)


def status(word: str) -> RowStatus | None:
    """What a word in a column “status” means; None where it is not known."""
    return WORDS.get("".join(filter(str.isalpha, word.lower())))


def truth(word: str) -> bool | None:
    """Whether a field says yes; None where it says neither."""
    folded = word.strip().lower()
    return True if folded in _YES else False if folded in _NO else None


def unknown_status(word: str) -> str:
    return f"says “{word[:40]}” where its standing should be, which is not known here"
