"""What a format reads from a file, and the result of an import."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from subscribers.standing import Fact


class RowStatus(StrEnum):
    """What a file says about a person."""

    READER = "reader"
    UNCONFIRMED = "unconfirmed"  # signed up there and never confirmed, or never signed up
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


REMOVALS: Mapping[RowStatus, Fact] = {
    RowStatus.LEFT: Fact.LEFT,
    RowStatus.BOUNCED: Fact.BOUNCED,
    RowStatus.COMPLAINED: Fact.COMPLAINED,
}


class Row(NamedTuple):
    """One person in a file. A NamedTuple, because there may be a million of them.

    `at` is when they agreed or left, and `ip` from where, as the file has it; `details` is other
    evidence in the file. `ref` is what their links say, if the file comes from emag.

    `fingerprint` is the keyed hash of an address that the file does not have. With `old_link`, the
    hash of a link, the row says that this link belongs to that address.
    """

    line: int
    address: str
    name: str = ""
    status: RowStatus = RowStatus.READER
    at: str = ""
    ip: str = ""
    details: Mapping[str, object] | None = None
    topics: tuple[str, ...] = ()
    paused_until: datetime | None = None
    ref: str = ""
    fingerprint: str = ""
    old_link: str = ""


class BadRow(NamedTuple):
    """A line that cannot be read, and the reason."""

    line: int
    reason: str


Read = Callable[[int, Sequence[str]], Row | BadRow]


class Format(Protocol):
    """The way in which one program exports a list, recognised by the names of the columns.

    Every method gets the names folded (`columns.fold`). `reader` gives a function that makes a Row
    of a line's fields; there are as many fields as names, and `file` is the file's name. It may
    raise WrongFile for a file that is recognised and must not be read. `has_removals` says whether
    rows may be of people who unsubscribed, bounced or complained: such a file is read twice.
    """

    name: str

    def recognises(self, names: Sequence[str]) -> bool: ...

    def has_removals(self, names: Sequence[str]) -> bool: ...

    def reader(self, names: Sequence[str], file: str) -> Read: ...


Outcome = str  # added, updated, suppressed, unchanged, skipped or refused


@dataclass(slots=True)
class ImportResult:
    """What an import did, or what a dry run would do. `id` is None in a dry run."""

    id: int | None = None
    added: int = 0
    updated: int = 0
    suppressed: int = 0  # unsubscribed, bounced, complained or erased, here or there
    unchanged: int = 0
    skipped: int = 0  # never confirmed there: neither a reader nor somebody who unsubscribed
    refused: list[tuple[int, str]] = field(default_factory=list)
    reasons: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)  # how each was read

    @property
    def rows(self) -> int:
        """The number of rows that were read."""
        judged = self.added + self.updated + self.suppressed + self.unchanged + self.skipped
        return judged + len(self.refused)

    def count(self, outcomes: Counter[tuple[Outcome, str]]) -> None:
        """Adds rows by their outcome and reason."""
        outcomes = +outcomes
        self.reasons.update(outcomes)
        for (outcome, _), rows in outcomes.items():
            setattr(self, outcome, getattr(self, outcome) + rows)

    def refuse(self, line: int, reason: str, file: str = "") -> None:
        """Adds a line that cannot be read."""
        self.refused.append((line, f"{file}: {reason}" if file else reason))
        self.reasons["refused", "cannot be read"] += 1
