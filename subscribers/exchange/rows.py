"""The rows of a table, read by its format."""

from collections.abc import Iterator

from subscribers.exchange.recognise import Table
from subscribers.exchange.row import BadRow, Row
from subscribers.exchange.sheet import Lines

_OPEN = "a quotation mark is opened in this line and not closed"


def rows(table: Table) -> Iterator[Row | BadRow]:
    """All of them in their order, the bad ones with the reason."""
    with table.sheet.lines(table.delimiter) as lines:
        yield from _rows(table, lines)


def _rows(table: Table, lines: Lines) -> Iterator[Row | BadRow]:
    width, read = table.width, table.read
    for line, fields in lines:
        if len(fields) == width:
            row = read(line, fields)
            if lines.span == 1 or not _is_torn(row):
                yield row
                continue
            reason = _OPEN
        elif not fields or lines.span > 1:
            reason = _OPEN
        else:
            reason = f"has {len(fields)} fields, and the first line names {width}"
        if lines.span > 1:
            lines.again()
        yield BadRow(line, reason)


def _is_torn(row: Row | BadRow) -> bool:
    """A note may have line breaks, and a name that was typed into a box; an address has none.

    A name that holds an address has swallowed the next reader: its quotation mark was not meant.
    """
    if isinstance(row, BadRow):
        return True
    name = row.name.strip()
    told = (row.address.strip(), row.at, row.ip, name if "@" in name else "")
    return any("\n" in text or "\r" in text for text in told)
