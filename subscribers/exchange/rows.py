"""Reads the rows of a table by its format."""

from collections.abc import Iterator

from subscribers.exchange.recognise import ReadableTable
from subscribers.exchange.row import BadRow, Row
from subscribers.exchange.sheet import Lines

_UNCLOSED = "a quotation mark is opened in this line and not closed"


def rows(table: ReadableTable) -> Iterator[Row | BadRow]:
    """Gives all rows in their order, the bad ones with the reason."""
    with table.sheet.lines(table.delimiter) as lines:
        yield from _rows(table, lines)


def _rows(table: ReadableTable, lines: Lines) -> Iterator[Row | BadRow]:
    width, read = table.width, table.read
    for line, fields in lines:
        if len(fields) == width:
            row = read(line, fields)
            if lines.span == 1 or not _is_torn(row):
                yield row
                continue
            reason = _UNCLOSED
        elif not fields or lines.span > 1:
            reason = _UNCLOSED
        else:
            reason = f"has {len(fields)} fields, and the first line names {width}"
        if lines.span > 1:
            lines.again()
        yield BadRow(line, reason)


def _is_torn(row: Row | BadRow) -> bool:
    """Says whether a row over several lines has swallowed the next reader.

    A note or a name may hold line breaks; an address does not. A name that holds an address shows
    that its quotation mark was a mistake.
    """
    if isinstance(row, BadRow):
        return True
    name = row.name.strip()
    texts = (row.address.strip(), row.at, row.ip, name if "@" in name else "")
    return any("\n" in text or "\r" in text for text in texts)
