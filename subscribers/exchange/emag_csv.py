"""emag's own export as CSV, read in again."""

from collections.abc import Sequence
from datetime import datetime

from subscribers.exchange.columns import need, status, unknown_status
from subscribers.exchange.formula import bare
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

FIELDS = ("email", "name", "status", "topics", "since", "joined_at", "paused_until")


class Own:
    name = "emag"

    def recognises(self, names: Sequence[str]) -> bool:
        return list(names) == [name.replace("_", " ") for name in FIELDS]

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - all do
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns tell
        assert need(names, "email") == 0

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            email, name, state, topics, *times = map(bare, fields)
            return row(line, email, name, state, topics=tuple(topics.split()), times=times)

        return read


def row(
    line: int, email: str, name: str, state: str, *, topics: tuple[str, ...], times: Sequence[str]
) -> Row | BadRow:
    """Somebody as our exports have them; `times` are since, joined_at and paused_until."""
    since, joined, paused = times
    says = status(state)
    if says is None:
        return BadRow(line, unknown_status(state))
    try:
        until = datetime.fromisoformat(paused) if paused else None
    except ValueError:
        until = None
    if (until is None) != (not paused) or (until and until.tzinfo is None):
        return BadRow(line, "its “paused_until” is no time with a zone")
    kept = {"status": state, "since": since, "joined_at": joined}
    at = since if says is not RowStatus.READER else joined
    return Row(line, email, name, says, at, "", kept, topics, until)
