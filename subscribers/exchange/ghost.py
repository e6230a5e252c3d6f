"""Ghost's export of its members."""

from collections.abc import Sequence

from subscribers.exchange.columns import find, need, pick, truth, unknown_status
from subscribers.exchange.row import BadRow, Read, Row, RowStatus


class Ghost:
    """Somebody may be a member without the newsletter: only the subscribed ones are readers."""

    name = "ghost"

    def recognises(self, names: Sequence[str]) -> bool:
        return {"email", "subscribed to emails", "created at"}.issubset(names)

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - all do
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns tell
        email, called = need(names, "email"), find(names, "name")
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
                return Row(line, fields[email], pick(fields, called), at=at)
            kept = {"subscribed_to_emails": fields[subscribed], "created_at": at}
            return Row(
                line, fields[email], pick(fields, called), RowStatus.LEFT, left, details=kept
            )

        return read
