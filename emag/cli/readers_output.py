"""Prints readers and refused lines, for every command about readers."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from emag.cli import output

if TYPE_CHECKING:
    from subscribers.desk import ReaderRecord


def reader_document(reader: "ReaderRecord") -> dict[str, object]:
    """A reader for --json."""
    from emag.desk import reader_document as documents

    return documents.reader_document(reader)


def issue_data(reader: "ReaderRecord") -> dict[str, Any]:
    """The issues that a reader got, for --json, and every copy that was made out to them."""
    copies = [
        {"issue": c.number, "edition": c.edition, "status": c.status, "reason": c.reason}
        for c in reader.issues
    ]
    return {"issues": [c.number for c in reader.issues if c.has_it], "copies": copies}


def issue_table(reader: "ReaderRecord") -> list[Any]:
    """The issues that were made out to a reader as a table, if there are any."""
    rows = [[c.number, c.edition or "", c.status, c.reason] for c in reader.issues]
    return [output.table(["Issue#", "Edition#", "Status", "Reason"], rows)] if rows else []


def reader_lines(reader: "ReaderRecord", note: str = "") -> list[str]:
    """A reader in a few words."""
    facts = {"called": reader.name, "because": reader.reason, "topics": ", ".join(reader.topics)}
    return [
        f"{reader.address} is {reader.status} since {reader.since:%Y-%m-%d}",
        *(f"  {word} {value}" for word, value in facts.items() if value),
        *([note] if note else []),
    ]


def refused_document(refused: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
    """Refused lines of a file for --json."""
    return [{"line": line, "reason": reason} for line, reason in refused]


def refused_table(refused: Sequence[tuple[int, str]]) -> list[Any]:
    """Refused lines of a file as a table, if there are any."""
    return [output.table(["Line#", "Refused because"], refused)] if refused else []
