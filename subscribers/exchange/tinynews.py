"""Tiny News' exports of subscribers, in the older and the newer form.

In the older form the status is a number: 1 and 2 are subscribers, every other number is not.
https://github.com/TryGhost/migrate/tree/main/packages/mg-tinynews-members
"""

from collections.abc import Sequence

from subscribers.exchange.columns import find, join, name_columns, need, pick, unknown_status
from subscribers.exchange.columns import status as by_word
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

_OLDER = {"channel id", "status", "email", "created at", "user id"}
_NEWER = {"email", "status", "date added", "last modified"}


class TinyNews:
    name = "tinynews"

    def recognises(self, names: Sequence[str]) -> bool:
        return _OLDER.issubset(names) or _NEWER.issubset(names)

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - every form has
        return True

    def reader(self, names: Sequence[str], file: str) -> Read:  # noqa: ARG002 - the columns suffice
        email, state = need(names, "email"), need(names, "status")
        parts = name_columns(names)
        if find(names, "name") is not None:  # the older form calls the first name so
            parts = (need(names, "name"), *parts)
        created, deleted = find(names, "created at", "date added"), find(names, "deleted at")

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            row_status, removed_at = _status(fields[state]), pick(fields, deleted)
            if row_status is None:
                return BadRow(line, unknown_status(fields[state]))
            name = join(fields, parts) if parts else ""
            if row_status is RowStatus.READER and not removed_at:
                return Row(line, fields[email], name, at=pick(fields, created))
            if row_status is RowStatus.READER:
                row_status = RowStatus.LEFT
            details = {"status": pick(fields, state), "created_at": pick(fields, created)}
            return Row(line, fields[email], name, row_status, removed_at, details=details)

        return read


def _status(word: str) -> RowStatus | None:
    if word.strip().isdecimal():
        return RowStatus.READER if int(word) in {1, 2} else RowStatus.LEFT
    return by_word(word)
