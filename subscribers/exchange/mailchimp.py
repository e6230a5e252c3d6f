"""Mailchimp's export of an audience: one file for who is subscribed, unsubscribed or cleaned."""

import re
from collections.abc import Sequence

from subscribers.errors import WrongFile
from subscribers.exchange.columns import find, join, name_columns, need, pick
from subscribers.exchange.row import Read, Row, RowStatus

_COLUMNS = {"optin time", "optin ip", "confirm time", "confirm ip", "leid", "euid"}
# Everything else is the audience's own, and says nothing about consent.
_EVIDENCE = (
    *("optin time", "optin ip", "confirm time", "confirm ip"),
    *("unsub time", "unsub reason", "unsub reason other", "unsub campaign title"),
    *("clean time", "clean campaign title"),
)
# They are in the audience for another reason, such as a purchase, and never subscribed. Their
# columns are those of subscribers, so only the name of the file shows it.
_NEVER = re.compile(r"non[-_ ]?subscribed|transactional", re.IGNORECASE)


class Mailchimp:
    name = "mailchimp"

    def recognises(self, names: Sequence[str]) -> bool:
        return "email address" in names and len(_COLUMNS.intersection(names)) >= 4  # noqa: PLR2004 - enough

    def has_removals(self, names: Sequence[str]) -> bool:
        return "unsub time" in names or "clean time" in names

    def reader(self, names: Sequence[str], file: str) -> Read:
        if "unsub time" in names and "clean time" in names:
            raise WrongFile(f"{file} has the columns of two of Mailchimp's files at once.")
        row_status = _row_status(names, file)
        when = {
            RowStatus.LEFT: ("unsub time",),
            RowStatus.BOUNCED: ("clean time",),
        }.get(row_status, ("confirm time", "optin time"))
        email, name_at = need(names, "email address"), name_columns(names)
        times = [find(names, name) for name in when]
        places = [find(names, name) for name in ("confirm ip", "optin ip")]
        details = [(name.replace(" ", "_"), find(names, name)) for name in _EVIDENCE]

        def read(line: int, fields: Sequence[str]) -> Row:
            return Row(
                line,
                fields[email],
                join(fields, name_at) if name_at else "",
                row_status,
                _first(fields, times),
                "" if row_status in {RowStatus.LEFT, RowStatus.BOUNCED} else _first(fields, places),
                {name: fields[at] for name, at in details if at is not None and fields[at]},
            )

        return read


def _row_status(names: Sequence[str], file: str) -> RowStatus:
    if "unsub time" in names:
        return RowStatus.LEFT
    if "clean time" in names:
        return RowStatus.BOUNCED
    return RowStatus.UNCONFIRMED if _NEVER.search(file) else RowStatus.READER


def _first(fields: Sequence[str], columns: Sequence[int | None]) -> str:
    return next(filter(None, (pick(fields, at) for at in columns)), "")
