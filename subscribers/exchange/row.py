"""What a format reads out of a file, and what an import came to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from subscribers.standing import Fact


class RowStatus(StrEnum):
    """What a file says of somebody."""

    READER = "reader"
    UNCONFIRMED = "unconfirmed"  # asked there and never confirmed, or never asked
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


GONE: Mapping[RowStatus, Fact] = {
    RowStatus.LEFT: Fact.LEFT,
    RowStatus.BOUNCED: Fact.BOUNCED,
    RowStatus.COMPLAINED: Fact.COMPLAINED,
}


class Row(NamedTuple):
    """Somebody in a file.

    `at` is when they agreed or left, and `ip` where from, as the file has it; `details` is what
    else it tells of that. A NamedTuple, for there may be a million of them.
    """

    line: int
    address: str
    name: str = ""
    says: RowStatus = RowStatus.READER
    at: str = ""
    ip: str = ""
    details: Mapping[str, object] | None = None
    topics: tuple[str, ...] = ()
    paused_until: datetime | None = None
    hidden: str = ""  # the keyed hash of an address that the file does not have


class BadRow(NamedTuple):
    """A line that cannot be read, and why."""

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
    """What an import did, or in a dry run would do. `id` is None in a dry run."""

    id: int | None = None
    added: int = 0
    updated: int = 0
    suppressed: int = 0  # left, bounced, complained or erased, here or there: not written to
    unchanged: int = 0
    skipped: int = 0  # never confirmed there: neither a reader nor somebody who left
    refused: list[tuple[int, str]] = field(default_factory=list)
    why: Counter[tuple[Outcome, str]] = field(default_factory=Counter)
    files: list[str] = field(default_factory=list)  # what each was read as

    @property
    def rows(self) -> int:
        """All that were read."""
        judged = self.added + self.updated + self.suppressed + self.unchanged + self.skipped
        return judged + len(self.refused)

    def refuse(self, line: int, reason: str, file: str = "") -> None:
        self.refused.append((line, f"{file}: {reason}" if file else reason))
        self.why["refused", "cannot be read"] += 1
