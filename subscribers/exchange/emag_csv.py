"""emag's own export as CSV."""

from collections.abc import Sequence
from datetime import datetime

from subscribers.exchange.columns import need, status, unknown_status
from subscribers.exchange.formula import bare
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

FIELDS = ("email", "name", "status", "topics", "since", "joined_at", "paused_until")


class EmagCsv:
    name = "emag"

    def recognises(self, names: Sequence[str]) -> bool:
        return list(names) == [name.replace("_", " ") for name in FIELDS]

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - every file has
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        assert need(names, "email") == 0

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            email, name, state, topics, *times = map(bare, fields)
            return row(line, email, name, state, topics=tuple(topics.split()), times=times)

        return read


def row(
    line: int, email: str, name: str, state: str, *, topics: tuple[str, ...], times: Sequence[str]
) -> Row | BadRow:
    """Makes the row of a person in our own export; `times` are since, joined_at, paused_until."""
    since, joined, paused = times
    row_status = status(state)
    if row_status is None:
        return BadRow(line, unknown_status(state))
    try:
        until = datetime.fromisoformat(paused) if paused else None
    except ValueError:
        until = None
    if (until is None) != (not paused) or (until and until.tzinfo is None):
        return BadRow(line, "its “paused_until” is no time with a zone")
    details = {"status": state, "since": since, "joined_at": joined}
    at = since if row_status is not RowStatus.READER else joined
    return Row(line, email, name, row_status, at, "", details, topics, until)
