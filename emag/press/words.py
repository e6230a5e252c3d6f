"""What readers are told, in the publication's language: the sentences of `templates/words`."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from emag.errors import PressError
from emag.settings import Settings

FALLBACK, ITS_TAG = "en", "en-GB"
OTHER = "other"  # where a sentence has a form for other numbers, it may have one for each


@dataclass(frozen=True, slots=True)
class Words:
    """Called with a sentence's name and what is filled in. `language` is what it really speaks.

    `faults` names what the publication's own files lack or hold in vain, one sentence each.
    """

    language: str
    direction: str
    texts: Mapping[str, str]
    faults: tuple[str, ...] = ()

    def __call__(self, key: str, **values: object) -> str:
        """Raises KeyError for a sentence that there is not."""
        return self.texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def count(self, key: str, n: int) -> str:
        """The form for this number: many languages have more than two."""
        return self._form(key, n).format(n=n)

    def day(self, at: date) -> str:
        """6 March 2026."""
        month = self.texts[f"date.months.{at.month - 1}"]
        return self._form("date.day", at.day).format(day=at.day, month=month, year=at.year)

    def long_day(self, at: date) -> str:
        """Friday 6 March 2026."""
        weekday = self.texts[f"date.weekdays.{at.weekday()}"]
        return self("date.long", weekday=weekday, date=self.day(at))

    def moment(self, at: datetime) -> str:
        """6 March 2026, 10:04, in the zone that `at` is in."""
        return self("date.moment", date=self.day(at), time=f"{at:%H:%M}")

    def _form(self, key: str, n: int) -> str:
        return self.texts.get(f"{key}.{n}", self.texts[f"{key}.{OTHER}"])


def words(settings: Settings) -> Words:
    """The publication's words: its own files over those shipped, and English for what is missing.

    Raises PressError for a file that is not TOML.
    """
    asked = settings.publication.language.replace("_", "-")
    wanted = "".join(c for c in asked if c.isascii() and (c.isalnum() or c == "-"))
    english = _gathered(FALLBACK, settings.template_folders[-1:])
    spoken = next((name for name in _names(wanted) if _files(name, settings.template_folders)), "")
    if not spoken:
        said = f"There is no templates/words/{_names(wanted)[-1]}.toml: readers are told in English"
        return Words(ITS_TAG, "ltr", english, (said,))
    own = _gathered(spoken, settings.template_folders)
    usable = {key: text for key, text in own.items() if not _fault(key, text, english)}
    direction = "rtl" if own.get("language.direction") == "rtl" else "ltr"
    faults = tuple(f"templates/words/{spoken}.toml: {said}" for said in _faults(own, english))
    return Words(wanted, direction, english | usable, faults)


def _names(language: str) -> list[str]:
    """de-at, then de."""
    name = language.lower()
    return list(dict.fromkeys([name, name.partition("-")[0]]))


def _files(name: str, folders: tuple[Path, ...]) -> list[Path]:
    """The shipped one first, so that the publication's own has the last word."""
    files = [folder / "words" / f"{name}.toml" for folder in reversed(folders)]
    return [file for file in files if file.is_file()]


def _gathered(name: str, folders: tuple[Path, ...]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in _files(name, folders):
        try:
            texts |= _flat(tomllib.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise PressError(f"{file} cannot be read: {error}") from error
    return texts


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, list):
            found |= _flat({str(at): each for at, each in enumerate(value)}, f"{above}{key}.")
        elif isinstance(value, dict):
            found |= _flat(value, f"{above}{key}.")
        else:
            found[above + key] = str(value)
    return found


def _faults(own: Mapping[str, str], english: Mapping[str, str]) -> Iterator[str]:
    yield from filter(None, (_fault(key, text, english) for key, text in own.items()))
    missing = [key for key in english if key not in own and _general(key, english) not in english]
    if missing:
        yield f"{len(missing)} missing and said in English, the first is {missing[0]}"


def _general(key: str, english: Mapping[str, str]) -> str:
    """The name of the form for other numbers, for a form that is for one number alone."""
    group, _, last = key.rpartition(".")
    return f"{group}.{OTHER}" if last.isdigit() and f"{group}.{OTHER}" in english else ""


def _fault(key: str, text: str, english: Mapping[str, str]) -> str:
    """Why a sentence cannot be used; empty if it can."""
    known = english.get(key, english.get(_general(key, english)))
    if known is None:
        return f"no page says {key}"
    try:
        strange = sorted(_slots(text) - _slots(known))
    except ValueError as error:
        return f"{key} cannot be read ({error})"
    return f"{key} holds {{{strange[0]}}}, which nothing fills in" if strange else ""


def _slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
