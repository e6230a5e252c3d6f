"""A chain of records: each holds the hash of the one before, so none is changed unseen."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

START = "0" * 64  # the hash before the first record
_CANONICAL = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Chained:
    """One record as it is stored: its number, all its values, and its hash."""

    number: int
    values: tuple[str | int | None, ...]
    hash: str


def link(previous: str, number: int, values: Iterable[str | int | None]) -> str:
    """Hashes a record: SHA-256 of the JSON list of the hash before it, its number and values."""
    text = _CANONICAL.encode([previous, number, *values])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def moment(at: datetime) -> str:
    """Gives a time in the form that is hashed."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def first_break(records: Iterable[Chained], *, start: str = START) -> int | None:
    """The number of the first record that does not follow from the one before; None without."""
    previous = start
    for record in records:
        if record.hash != link(previous, record.number, record.values):
            return record.number
        previous = record.hash
    return None
