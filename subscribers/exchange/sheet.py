"""A CSV file as lines of fields, looked through as a whole before anything is believed."""

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from subscribers.errors import WrongFile
from subscribers.exchange.row import Lines

DELIMITERS = (",", ";", "\t")
_LONGEST_FIELD = 100_000


def look_through(path: Path) -> list[list[str]]:
    """The header, read with each delimiter it might have.

    Raises WrongFile for anything that is no CSV in UTF-8 from its first byte to its last, so that
    no file is ever taken in half.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
        if start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
            raise WrongFile(f"{path.name} is a workbook or an archive: save the list as CSV first.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline(_LONGEST_FIELD)
            for chunk in iter(lambda: file.read(1 << 20), ""):
                if "\0" in chunk:
                    raise WrongFile(f"{path.name} is not a text file.")
    except UnicodeDecodeError as error:
        raise WrongFile(f"{path.name} is not in UTF-8: save it as “CSV UTF-8”.") from error
    except OSError as error:
        raise WrongFile(f"{path.name} cannot be read: {error.strerror}.") from error
    if not first.strip():
        raise WrongFile(f"{path.name} is empty: its first line must name the columns.")
    return [next(csv.reader([first], delimiter=delimiter)) for delimiter in DELIMITERS]


@contextmanager
def lines(path: Path, delimiter: str) -> Iterator[Lines]:
    """Every line after the header with its number; empty lines are left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield _lines(file, delimiter)


def _lines(file: Iterator[str], delimiter: str) -> Lines:
    csv.field_size_limit(_LONGEST_FIELD)
    reader = csv.reader(file, delimiter=delimiter)
    next(reader, None)
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error:
            fields = []  # a field without an end: its line is named, the rest goes on
            yield number, fields
            continue
        if fields is None:
            return
        if any(field.strip() for field in fields):
            yield number, fields


def fold(header: Sequence[str]) -> list[str]:
    """Names of columns as they are compared."""
    return [" ".join(name.replace("_", " ").replace("-", " ").lower().split()) for name in header]
