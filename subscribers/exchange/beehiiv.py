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
    """Ignores tiers. An address with an “unsubscribed at” has unsubscribed, whatever its status."""

    name = "beehiiv"

    def recognises(self, names: Sequence[str]) -> bool:
        is_tiny_news = "channel id" in names  # which has a status, a tier and a date as well
        return (
            {"email", "status", "created at"}.issubset(names)
            and not {"unsubscribed at", "tier", "subscription tier"}.isdisjoint(names)
            and not is_tiny_news
        )

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - every file has
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        email, name_at, state = need(names, "email"), name_columns(names), need(names, "status")
        created, unsubscribed = need(names, "created at"), find(names, "unsubscribed at")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            row_status, removed_at = status(fields[state]), pick(fields, unsubscribed)
            if row_status is None:
                return BadRow(line, unknown_status(fields[state]))
            if row_status in {RowStatus.READER, RowStatus.UNCONFIRMED} and removed_at:
                row_status = RowStatus.LEFT
            name = join(fields, name_at) if name_at else ""
            if row_status is RowStatus.READER:
                return Row(line, fields[email], name, at=pick(fields, created))
            details = {"status": pick(fields, state), "created_at": pick(fields, created)}
            return Row(line, fields[email], name, row_status, removed_at, details=details)

        return read
