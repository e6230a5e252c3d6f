"""Recognises the program that a table comes from, by the names of its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from subscribers.errors import WrongFile
from subscribers.exchange.beehiiv import Beehiiv
from subscribers.exchange.columns import fold
from subscribers.exchange.emag_csv import EmagCsv
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

FORMATS: tuple[Format, ...] = (
    *(Mailchimp(), Substack(), Ghost(), Listmonk(), Keila(), Beehiiv(), TinyNews()),
    *(EmagCsv(), JsonLines()),
)
NAMES = (*(kind.name for kind in FORMATS), "plain")


@dataclass(frozen=True, slots=True)
class ReadableTable:
    """A sheet whose format is known."""

    sheet: Sheet
    kind: str
    delimiter: str
    width: int
    read: Read
    has_removals: bool


def recognise(sheet: Sheet, wanted: str | None, mapping: Mapping[str, str]) -> ReadableTable:
    """Finds the format. Raises WrongFile with a sentence where none fits, or two do."""
    if wanted not in {None, *NAMES}:
        raise WrongFile(f"There is no format “{wanted}”; the formats are: {', '.join(NAMES)}.")
    plain = Plain(mapping)
    others = [kind for kind in FORMATS if wanted in {None, kind.name} and not mapping]
    readings = [(delimiter, fold(header)) for delimiter, header in sheet.headers]
    for kinds in (others, [plain] if wanted in {None, "plain"} else []):
        matches = [(d, names, k) for d, names in readings for k in kinds if k.recognises(names)]
        if plain in kinds:
            # A mapping or a single column fits any delimiter: the one that makes columns is meant.
            matches = sorted(matches, key=lambda match: -len(match[1]))[:1]
        if len(matches) > 1:
            names = " or ".join(kind.name for _, _, kind in matches)
            raise WrongFile(f"{sheet.name} could come from {names}: say which, with --format.")
        for delimiter, columns, kind in matches:
            read, width = kind.reader(columns, sheet.name), len(columns)
            has_removals = kind.has_removals(columns)
            return ReadableTable(sheet, kind.name, delimiter, width, read, has_removals)
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
