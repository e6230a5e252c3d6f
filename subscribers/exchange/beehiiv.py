"""beehiiv's export of subscribers."""

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


class Beehiiv:
    """Tiers are not of interest. An address with a time of leaving has left, whatever else."""

    name = "beehiiv"

    def recognises(self, names: Sequence[str]) -> bool:
        is_tiny_news = "channel id" in names  # which has a status, a tier and a date as well
        return (
            {"email", "status", "created at"}.issubset(names)
            and not {"unsubscribed at", "tier", "subscription tier"}.isdisjoint(names)
            and not is_tiny_news
        )

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - all do
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns tell
        email, called, state = need(names, "email"), name_columns(names), need(names, "status")
        created, left = need(names, "created at"), find(names, "unsubscribed at")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            says, gone = status(fields[state]), pick(fields, left)
            if says is None:
                return BadRow(line, unknown_status(fields[state]))
            if says in {RowStatus.READER, RowStatus.UNCONFIRMED} and gone:
                says = RowStatus.LEFT
            name = join(fields, called) if called else ""
            if says is RowStatus.READER:
                return Row(line, fields[email], name, at=pick(fields, created))
            kept = {"status": pick(fields, state), "created_at": pick(fields, created)}
            return Row(line, fields[email], name, says, gone, details=kept)

        return read
