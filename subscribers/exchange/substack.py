"""Substack's exports: the list of addresses in its several forms, and the dashboard's."""

from collections.abc import Sequence

from subscribers.exchange.columns import find, need, pick, truth, unknown_status
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

_LIST = {
    *("active subscription", "expiry", "plan", "prefer digests", "first payment at"),
    *("stripe connected customer id", "type"),
}
_DASHBOARD = {"stripe plan", "activity", "revenue", "subscription type", "type"}


class Substack:
    """Ignores who pays and until when: all of them agreed to be written to."""

    name = "substack"

    def recognises(self, names: Sequence[str]) -> bool:
        is_list = {"email", "email disabled"}.issubset(names) and len(_LIST.intersection(names)) > 1
        is_dashboard = {"email", "start date"}.issubset(names) and len(
            _DASHBOARD.intersection(names)
        ) > 1
        return is_list or is_dashboard

    def has_removals(self, names: Sequence[str]) -> bool:
        return "email disabled" in names

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        email, name = need(names, "email"), find(names, "name")
        since = find(names, "created at", "start date")
        disabled = find(names, "email disabled")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            is_disabled = False if disabled is None else truth(fields[disabled])
            if is_disabled is None:
                return BadRow(line, unknown_status(pick(fields, disabled)))
            at = pick(fields, since)
            if not is_disabled:
                return Row(line, fields[email], pick(fields, name), at=at)
            # Substack does not say since when.
            details = {"email_disabled": pick(fields, disabled), "created_at": at}
            address = fields[email]
            return Row(line, address, pick(fields, name), RowStatus.LEFT, details=details)

        return read
