"""Ghost's export of its members."""

from collections.abc import Sequence

from subscribers.exchange.columns import find, need, pick, truth, unknown_status
from subscribers.exchange.row import BadRow, Read, Row, RowStatus


class Ghost:
    """Takes only subscribed members as readers: others are members without the newsletter."""

    name = "ghost"

    def recognises(self, names: Sequence[str]) -> bool:
        return {"email", "subscribed to emails", "created at"}.issubset(names)

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - every file has
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        email, name_at = need(names, "email"), find(names, "name")
        subscribed = need(names, "subscribed to emails")
        created, deleted = find(names, "created at"), find(names, "deleted at")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            wants, left, at = (
                truth(fields[subscribed]),
                pick(fields, deleted),
                pick(fields, created),
            )
            if wants is None and not left:
                return BadRow(line, unknown_status(fields[subscribed]))
            if wants and not left:
                return Row(line, fields[email], pick(fields, name_at), at=at)
            details = {"subscribed_to_emails": fields[subscribed], "created_at": at}
            return Row(
                line, fields[email], pick(fields, name_at), RowStatus.LEFT, left, details=details
            )

        return read
