"""Keila's export of contacts, and the form that it imports."""

from collections.abc import Sequence

from subscribers.exchange.columns import (
    find,
    join,
    name_columns,
    need,
    pick,
    status,
    unknown_status,
)
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

_EXTRA = {"status", "data", "external id"}


class Keila:
    """Contacts are active, unsubscribed or unreachable; without a status they are active."""

    name = "keila"

    def recognises(self, names: Sequence[str]) -> bool:
        rest = set(names) - {"email", "first name", "last name"}
        return len(set(names) - rest) == 3 and bool(rest & _EXTRA) and rest <= _EXTRA  # noqa: PLR2004 - all

    def has_removals(self, names: Sequence[str]) -> bool:
        return "status" in names

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        email, name_at, state = need(names, "email"), name_columns(names), find(names, "status")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            word = pick(fields, state)
            row_status = status(word) if word else RowStatus.READER
            if row_status is None:
                return BadRow(line, unknown_status(word))
            details = {"status": word} if word else None
            return Row(line, fields[email], join(fields, name_at), row_status, details=details)

        return read
