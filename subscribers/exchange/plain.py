"""A plain CSV: a column with the address, one with the name if there is one, or a mapping."""

import re
from collections.abc import Mapping, Sequence

from subscribers.errors import WrongFile
from subscribers.exchange.columns import fold, join, named, pick, status, unknown_status
from subscribers.exchange.row import BadRow, Read, Row, RowStatus

_EMAIL = {"email", "e mail", "mail", "email address", "e mail address", "emailaddress"}
_NAME = ("name", "full name", "fullname", "display name")
_AT = ("subscribed at", "signed up at", "optin time", "confirmed at", "created at")
# Such a column says who left. Reading over it would bring them back.
_TELLS = re.compile(
    r"unsub|clean|bounc|complain|status|disabled|deleted|suppress|opt ?out|subscribed to|state$"
)
FIELDS = ("email", "name", "first_name", "last_name", "status", "at", "ip")


class Plain:
    """Columns are known by their names, in any order, or by `mapping`; others are left alone."""

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

    def tells(self, names: Sequence[str]) -> bool:  # noqa: ARG002 - a mapping says so
        return "status" in self._mapping

    def reader(self, names: Sequence[str], file: str) -> Read:
        columns = self._columns(names, file)
        email, state, at, ip = (columns.get(key) for key in ("email", "status", "at", "ip"))
        called = self._called(names, columns)
        assert email is not None

        if state is None and at is None and ip is None and len(called) == 1:
            (name_at,) = called  # the usual one, without detours
            return lambda line, fields: Row(line, fields[email], fields[name_at])

        def read(line: int, fields: Sequence[str]) -> Row | BadRow:
            says = RowStatus.READER if state is None else status(fields[state])
            if says is None:
                return BadRow(line, unknown_status(fields[state or 0]))
            name = join(fields, called) if called else ""
            kept = {"status": pick(fields, state)} if state is not None else None
            return Row(line, fields[email], name, says, pick(fields, at), pick(fields, ip), kept)

        return read

    def _columns(self, names: Sequence[str], file: str) -> dict[str, int]:
        found = {key: _one(names, name, file) for key, name in self._mapping.items()}
        if not found:
            found = {"email": _address(names, file)}
            dated = [names.index(name) for name in _AT if name in names]
            found |= {"at": dated[0]} if dated else {}
        telling = [n for at, n in enumerate(names) if _TELLS.search(n) and at not in found.values()]
        if telling:
            raise WrongFile(
                f"The column “{telling[0]}” of {file} seems to say who left or cannot be reached. "
                "Say so with --map email=… --map status=…, or take out those rows and the column."
            )
        return found

    def _called(self, names: Sequence[str], columns: Mapping[str, int]) -> tuple[int, ...]:
        if not self._mapping:
            return named(names, *_NAME)
        if "name" in columns:
            return (columns["name"],)
        return tuple(columns[key] for key in ("first_name", "last_name") if key in columns)


def _address(names: Sequence[str], file: str) -> int:
    found = [at for at, name in enumerate(names) if name in _EMAIL]
    if len(found) > 1:
        both = " and ".join(f"“{names[at]}”" for at in found[:2])
        raise WrongFile(
            f"In {file} {both} could both be the address: say which, with --map email=COLUMN."
        )
    return found[0]


def _one(names: Sequence[str], name: str, file: str) -> int:
    if names.count(name) != 1:
        known = ", ".join(dict.fromkeys(names))
        times = "no" if name not in names else "more than one"
        raise WrongFile(f"{file} has {times} column “{name}”; it has: {known[:300]}.")
    return names.index(name)
