"""Mailchimp's export of an audience: one file for who is subscribed, unsubscribed or cleaned."""

import re
from collections.abc import Sequence

from subscribers.errors import WrongFile
from subscribers.exchange.columns import find, join, name_columns, need, pick
from subscribers.exchange.row import Read, Row, RowStatus

_OWN = {"optin time", "optin ip", "confirm time", "confirm ip", "leid", "euid"}
# Everything else is the audience's own, and says nothing about consent.
_KEPT = (
    *("optin time", "optin ip", "confirm time", "confirm ip"),
    *("unsub time", "unsub reason", "unsub reason other", "unsub campaign title"),
    *("clean time", "clean campaign title"),
)
# They are in the audience for another reason, such as a purchase, and never subscribed. Their
# columns are those of subscribers, so that only the file's name tells.
_NEVER = re.compile(r"non[-_ ]?subscribed|transactional", re.IGNORECASE)


class Mailchimp:
    name = "mailchimp"

    def recognises(self, names: Sequence[str]) -> bool:
        return "email address" in names and len(_OWN.intersection(names)) >= 4  # noqa: PLR2004 - enough

    def has_removals(self, names: Sequence[str]) -> bool:
        return "unsub time" in names or "clean time" in names

    def reader(self, names: Sequence[str], file: str) -> Read:
        if "unsub time" in names and "clean time" in names:
            raise WrongFile(f"{file} has the columns of two of Mailchimp's files at once.")
        says = _says(names, file)
        when = {
            RowStatus.LEFT: ("unsub time",),
            RowStatus.BOUNCED: ("clean time",),
        }.get(says, ("confirm time", "optin time"))
        email, called = need(names, "email address"), name_columns(names)
        times = [find(names, name) for name in when]
        places = [find(names, name) for name in ("confirm ip", "optin ip")]
        kept = [(name.replace(" ", "_"), find(names, name)) for name in _KEPT]

        def read(line: int, fields: Sequence[str]) -> Row:
            return Row(
                line,
                fields[email],
                join(fields, called) if called else "",
                says,
                _first(fields, times),
                "" if says in {RowStatus.LEFT, RowStatus.BOUNCED} else _first(fields, places),
                {name: fields[at] for name, at in kept if at is not None and fields[at]},
            )

        return read


def _says(names: Sequence[str], file: str) -> RowStatus:
    if "unsub time" in names:
        return RowStatus.LEFT
    if "clean time" in names:
        return RowStatus.BOUNCED
    return RowStatus.UNCONFIRMED if _NEVER.search(file) else RowStatus.READER


def _first(fields: Sequence[str], columns: Sequence[int | None]) -> str:
    return next(filter(None, (pick(fields, at) for at in columns)), "")
