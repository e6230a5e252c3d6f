"""Which program a table comes from, by the names of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from subscribers.errors import WrongFile
from subscribers.exchange.beehiiv import Beehiiv
from subscribers.exchange.columns import fold
from subscribers.exchange.emag_csv import Own
from subscribers.exchange.ghost import Ghost
from subscribers.exchange.jsonl import JsonLines
from subscribers.exchange.keila import Keila
from subscribers.exchange.listmonk import Listmonk
from subscribers.exchange.mailchimp import Mailchimp
from subscribers.exchange.plain import Plain
from subscribers.exchange.row import Format, Read
from subscribers.exchange.sheet import Sheet
from subscribers.exchange.substack import Substack
from subscribers.exchange.tinynews import TinyNews

OTHERS: tuple[Format, ...] = (
    *(Mailchimp(), Substack(), Ghost(), Listmonk(), Keila(), Beehiiv(), TinyNews()),
    *(Own(), JsonLines()),
)
NAMES = (*(kind.name for kind in OTHERS), "plain")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that is understood."""

    sheet: Sheet
    kind: str
    delimiter: str
    width: int
    read: Read
    has_removals: bool  # who left, so that it is read twice


def recognise(sheet: Sheet, wanted: str | None, mapping: Mapping[str, str]) -> Table:
    """Raises WrongFile with a sentence for what is none of them, or two."""
    if wanted not in {None, *NAMES}:
        raise WrongFile(f"There is no format “{wanted}”; known are: {', '.join(NAMES)}.")
    plain = Plain(mapping)
    others = [kind for kind in OTHERS if wanted in {None, kind.name} and not mapping]
    readings = [(delimiter, fold(header)) for delimiter, header in sheet.headers]
    for kinds in (others, [plain] if wanted in {None, "plain"} else []):
        found = [(d, names, k) for d, names in readings for k in kinds if k.recognises(names)]
        if plain in kinds:
            # A mapping or a lone column fits any delimiter: the one that makes columns is meant.
            found = sorted(found, key=lambda f: -len(f[1]))[:1]
        if len(found) > 1:
            names = " or ".join(kind.name for _, _, kind in found)
            raise WrongFile(f"{sheet.name} could come from {names}: say which, with --format.")
        for delimiter, columns, kind in found:
            read = kind.reader(columns, sheet.name)
            return Table(
                sheet, kind.name, delimiter, len(columns), read, kind.has_removals(columns)
            )
    raise WrongFile(_unknown(sheet, wanted))


def _unknown(sheet: Sheet, wanted: str | None) -> str:
    columns: Sequence[str] = max((header for _, header in sheet.headers), key=len)
    if any("@" in field for field in columns):
        return f"The first line of {sheet.name} must name the columns: email,name."
    names = ", ".join(columns)[:300]
    if wanted:
        return f"{sheet.name} is no export of “{wanted}”: its columns are {names}."
    return (
        f"{sheet.name} has no column “email” in its first line, so it is not clear what it holds. "
        f"Its columns are {names}; --map email=COLUMN names the address."
    )
