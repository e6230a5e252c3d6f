"""What a format reads out of a file, and what an import came to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One reader of a file. `details` is what else the file tells of their agreement."""

    line: int
    address: str
    name: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that cannot be read, and why."""

    line: int
    reason: str


Lines = Iterator[tuple[int, list[str]]]


class Format(Protocol):
    """One way in which a program writes a list down. A file is known by the names of its columns.

    `recognises` may raise WrongFile with a sentence, where a file is known and must not be read so.
    """

    name: str

    def recognises(self, header: Sequence[str]) -> bool: ...

    def rows(self, header: Sequence[str], lines: Lines) -> Iterator[Row | Bad]: ...


@dataclass(slots=True)
class Loaded:
    """What an import did, or in a dry run would do. `id` is None in a dry run."""

    id: int | None = None
    added: int = 0
    updated: int = 0
    suppressed: int = 0  # left, bounced, complained or erased: not brought back
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
