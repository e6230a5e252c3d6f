"""A plain CSV file: known by a column with the address, or by a mapping."""

import re
from collections.abc import Mapping, Sequence
from shlex import quote

from subscribers.errors import WrongFile
from subscribers.exchange.columns import (
    fold,
    join,
    name_columns,
    pick,
    status_reader,
    unknown_status,
)
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

_EMAIL = {"email", "e mail", "mail", "email address", "e mail address", "emailaddress"}
_NAME = ("name", "full name", "fullname", "display name")
_AT = ("subscribed at", "signed up at", "optin time", "confirmed at", "created at")
# Such a column says who unsubscribed or bounced. Ignoring it would bring them back.
_REMOVALS = re.compile(
    r"unsub|clean|bounc|complain|status|disabled|deleted|suppress|opt ?out|subscribed to|state$"
)
# A file may say it in two columns: who unsubscribed, and whose mail bounced.
_STATUSES = ("status", "status2")
FIELDS = ("email", "name", "first_name", "last_name", *_STATUSES, "at", "ip")


class Plain:
    """Finds columns by their names, in any order, or by `mapping`; ignores all others."""

    name = "plain"

    def __init__(self, mapping: Mapping[str, str] | None = None) -> None:
        self._mapping = dict(zip(mapping or (), fold((mapping or {}).values()), strict=True))
        wrong = sorted(set(self._mapping) - set(FIELDS))
        if wrong:
            raise WrongFile(f"There is no field “{wrong[0]}” to map; known: {', '.join(FIELDS)}.")
        if self._mapping and "email" not in self._mapping:
            raise WrongFile("Say which column holds the address: --map email=COLUMN.")

    def recognises(self, names: Sequence[str]) -> bool:
        return bool(self._mapping) or bool(_EMAIL.intersection(names))

    def has_removals(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - a mapping says so
        return not self._mapping.keys().isdisjoint(_STATUSES)

    def reader(self, names: Sequence[str], file: str) -> Read:
        columns = self._columns(names, file)
        email, at, ip = (columns.get(key) for key in ("email", "at", "ip"))
        states = [columns[key] for key in _STATUSES if key in columns]
        readers = [(position, status_reader(names[position])) for position in states]
        parts = self._name_parts(names, columns)
        assert email is not None

        if not readers and at is None and ip is None and len(parts) == 1:
            (name_at,) = parts  # the usual file, read without detours
            return lambda line, fields: Row(line, fields[email], fields[name_at])

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            row_status = RowStatus.READER
            for position, read_status in readers:
                value = read_status(fields[position])
                if value is None:
                    return BadRow(line, unknown_status(fields[position]))
                row_status = value if row_status is RowStatus.READER else row_status
            name = join(fields, parts) if parts else ""
            words = [pick(fields, position) for position in states]
            details = {"status": ", ".join(filter(None, words))} if states else None
            times = (pick(fields, at), pick(fields, ip))
            return Row(line, fields[email], name, row_status, *times, details)

        return read

    def _columns(self, names: Sequence[str], file: str) -> dict[str, int]:
        columns = {key: _one(names, name, file) for key, name in self._mapping.items()}
        if not columns:
            columns = {"email": _address(names, file)}
            dated = [names.index(name) for name in _AT if name in names]
            columns |= {"at": dated[0]} if dated else {}
        unmapped = [name for at, name in enumerate(names) if at not in columns.values()]
        removals = [name for name in unmapped if _REMOVALS.search(name)]
        if removals:
            raise WrongFile(_advice(removals, columns, names, file))
        return columns

    def _name_parts(self, names: Sequence[str], columns: Mapping[str, int]) -> tuple[int, ...]:
        if not self._mapping:
            return name_columns(names, *_NAME)
        if "name" in columns:
            return (columns["name"],)
        return tuple(columns[key] for key in ("first_name", "last_name") if key in columns)


def _advice(
    removals: Sequence[str], columns: Mapping[str, int], names: Sequence[str], file: str
) -> str:
    """Says which options would map the columns, as a shell takes them."""
    mapped = {field: names[position] for field, position in columns.items()}
    free = [field for field in _STATUSES if field not in mapped]
    options = mapped | dict(zip(free, removals, strict=False))
    advice = " ".join(f"--map {quote(f'{field}={name}')}" for field, name in options.items())
    return (
        f"The column “{removals[0]}” of {file} seems to say who unsubscribed or cannot be reached. "
        f"Add {advice} to say so, or remove the column and those rows."
    )


def _address(names: Sequence[str], file: str) -> int:
    positions = [at for at, name in enumerate(names) if name in _EMAIL]
    if len(positions) > 1:
        both = " and ".join(f"“{names[at]}”" for at in positions[:2])
        raise WrongFile(
            f"In {file} {both} could both be the address: say which, with --map email=COLUMN."
        )
    return positions[0]


def _one(names: Sequence[str], name: str, file: str) -> int:
    if names.count(name) != 1:
        existing = ", ".join(dict.fromkeys(names))
        times = "no" if name not in names else "more than one"
        raise WrongFile(f"{file} has {times} column “{name}”; it has: {existing[:300]}.")
    return names.index(name)
