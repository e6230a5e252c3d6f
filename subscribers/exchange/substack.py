"""Substack's exports: the list of addresses in its older and newer shape, and the dashboard's."""

from collections.abc import Sequence

from subscribers.exchange.columns import find, need, pick, truth, unknown_status
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

_DASHBOARD = {"stripe plan", "activity", "revenue", "subscription type", "type"}


class Substack:
    """Who pays, and until when, is not of interest: they all agreed to be written to."""

    name = "substack"

    def recognises(self, names: Sequence[str]) -> bool:
        is_list = {"email", "email disabled", "active subscription"}.issubset(names)
        is_dashboard = {"email", "start date"}.issubset(names) and len(
            _DASHBOARD.intersection(names)
        ) > 1
        return is_list or is_dashboard

    def tells(self, names: Sequence[str]) -> bool:
        return "email disabled" in names

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns tell
        email, called = need(names, "email"), find(names, "name")
        since = find(names, "created at", "start date")
        disabled = find(names, "email disabled")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            says, at = RowStatus.READER, pick(fields, since)
            if disabled is not None:
                is_off = truth(fields[disabled])
                if is_off is None:
                    return BadRow(line, unknown_status(fields[disabled]))
                if is_off:  # Substack does not say since when
                    kept = {"email_disabled": fields[disabled], "created_at": at}
                    return Row(
                        line, fields[email], pick(fields, called), RowStatus.LEFT, details=kept
                    )
            return Row(line, fields[email], pick(fields, called), says, at)

        return read
