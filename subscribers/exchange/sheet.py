"""Reads a CSV file as lines of fields, after checking the whole file."""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import IO, TextIO

from subscribers.errors import WrongFile
from subscribers.exchange.text import check_text, decoded

DELIMITERS = (",", ";", "\t")
_LONGEST_FIELD = 100_000
JSON_LINES = "json lines"  # instead of a delimiter, and as the name of the one column
_SAYS_DELIMITER = "sep="  # a first line that spreadsheets write


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file, not yet recognised. `headers` has one reading per delimiter."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    encoding: str
    headers: tuple[tuple[str, list[str]], ...]
    skipped: int  # lines before the header
    total: int  # lines after the header: about as many rows

    @contextmanager
    def lines(self, delimiter: str) -> Iterator["Lines"]:
        with self.open() as raw, decoded(raw, self.encoding) as file:
            if delimiter == JSON_LINES:
                yield Lines(file, delimiter, 0)
                return
            for _ in range(self.skipped):
                file.readline()
            lines = Lines(file, delimiter, self.skipped)
            next(lines, None)  # the header
            yield lines


def read_sheet(name: str, opened: Callable[[], AbstractContextManager[IO[bytes]]]) -> Sheet:
    """Checks the whole file and reads its header.

    Raises WrongFile for anything that is not a table of text from its first byte to its last, so
    that no file is ever imported in part.
    """
    encoding, total = check_text(name, opened)
    with opened() as raw, decoded(raw, encoding) as file:
        first = file.readline(_LONGEST_FIELD)
        delimiters: Sequence[str] = DELIMITERS
        skipped = 0
        if first.lower().startswith(_SAYS_DELIMITER) and first.strip()[4:] in DELIMITERS:
            delimiters, skipped = (first.strip()[4:],), 1
            first = file.readline(_LONGEST_FIELD)
    if first.lstrip().startswith("{"):
        _check_json(name, first)
        return Sheet(name, opened, encoding, ((JSON_LINES, [JSON_LINES]),), 0, total)
    if not first.strip():
        raise WrongFile(f"{name} is empty: its first line must name the columns.")
    headers = tuple((d, next(csv.reader([first], delimiter=d))) for d in delimiters)
    return Sheet(name, opened, encoding, headers, skipped, max(total - skipped - 1, 0))


def _check_json(name: str, first: str) -> None:
    try:
        document = json.loads(first)
    except (ValueError, RecursionError):
        document = None
    keys_of_ours = {"email", "suppressed", "old_link"}
    if not isinstance(document, dict) or keys_of_ours.isdisjoint(document):
        raise WrongFile(
            f"{name} is JSON, but not as “emag subscriber export --format jsonl” writes it: each "
            "line must be an object with an “email”."
        )


class Lines:
    """Iterates over the lines of a file with their numbers, without empty ones.

    A field in quotes may hold line breaks. A quotation mark that was only forgotten takes in the
    lines that follow: `again` gives them back, so that no line is lost.
    """

    def __init__(self, file: TextIO, delimiter: str, before: int) -> None:
        csv.field_size_limit(_LONGEST_FIELD)
        self._file = file
        self._waiting: deque[str] = deque()
        self._consumed: list[str] = []
        self._count = before
        feed = _Feed(self._file, self._waiting, self._consumed)
        self._reader: Iterator[list[str]]
        if delimiter == JSON_LINES:
            self._reader = ([line.strip()] for line in feed)
        else:
            self._reader = csv.reader(feed, delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        """Gives the number of a line and its fields, which are empty if it cannot be split."""
        consumed = self._consumed
        while True:
            self._count += len(consumed)
            consumed.clear()
            try:
                fields = next(self._reader)
            except csv.Error:
                fields = []
                return self._count + 1, fields
            if fields and (fields[0].strip() or any(map(str.strip, fields))):
                return self._count + 1, fields

    @property
    def span(self) -> int:
        """The number of lines of the file that the last line took."""
        return len(self._consumed)

    def again(self) -> None:
        """Reads all but the first of the lines that the last one took once more."""
        self._waiting.extendleft(reversed(self._consumed[1:]))
        del self._consumed[1:]


class _Feed:
    """Iterates over the lines of a file, those that wait first. It may continue after its end."""

    def __init__(self, file: TextIO, waiting: deque[str], consumed: list[str]) -> None:
        self._file, self._waiting, self._consumed = file, waiting, consumed

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        text = self._waiting.popleft() if self._waiting else next(self._file)
        self._consumed.append(text)
        return text
