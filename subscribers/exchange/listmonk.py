"""listmonk's export of subscribers, and the form that it imports."""

from collections.abc import Sequence

from subscribers.exchange.columns import find, need, pick, status, unknown_status
from subscribers.exchange.row import BadRow, Read, Row, RowStatus


class Listmonk:
    """Ignores `updated_at`: it is the last change of anything, not when somebody unsubscribed."""

    name = "listmonk"

    def recognises(self, names: Sequence[str]) -> bool:
        is_import = list(names) in (["email", "name", "attributes"], ["email", "name", "attribs"])
        return is_import or {"uuid", "email", "status"}.issubset(names)

    def has_removals(self, names: Sequence[str]) -> bool:
        return "status" in names

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        email, name_at = need(names, "email"), find(names, "name")
        state, created = find(names, "status"), find(names, "created at")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            row_status = RowStatus.READER if state is None else status(fields[state])
            if row_status is None:
                return BadRow(line, unknown_status(fields[state or 0]))
            if row_status is RowStatus.READER:
                return Row(line, fields[email], pick(fields, name_at), at=pick(fields, created))
            details = {"status": pick(fields, state), "created_at": pick(fields, created)}
            return Row(line, fields[email], pick(fields, name_at), row_status, details=details)

        return read
