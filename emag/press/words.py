"""The texts for readers in the publication's language, read from `templates/words`."""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from emag.errors import PressError
from emag.press.settings import PressSettings
from emag.settings import sentences

FALLBACK, FALLBACK_TAG = "en", "en-GB"
OTHER = "other"  # the plural form for all numbers without a form of their own


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of one language. Call it with a text's key and the values to fill in.

    `language` is the language of the texts, English if the publication's has no file. `faults`
    holds a sentence for each missing or unusable text in the publication's files.
    """

    language: str
    direction: str
    texts: Mapping[str, str]
    faults: tuple[str, ...] = ()

    def __call__(self, key: str, **values: object) -> str:
        """Returns the text with its values filled in. Raises KeyError for an unknown key."""
        return self.texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def count(self, key: str, n: int) -> str:
        """Returns the plural form for `n`; a language may have more than two."""
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


def words(settings: PressSettings, *, desk: bool = False) -> Words:
    """Reads the publication's texts: its files first, then the shipped ones, then English.

    With `desk`, the texts of the desk's pages are among them. Raises PressError for a file that is
    not TOML.
    """
    wanted, folders = _tag(settings.publication.language), settings.template_folders
    english = _read_texts(FALLBACK, folders[-1:], desk=desk)
    name = next((name for name in _names(wanted) if _files(name, folders)), "")
    if not name:
        file = f"templates/words/{_names(wanted)[-1]}.toml"
        fault = f"There is no {file}: readers get English texts; add the file to translate them"
        return Words(FALLBACK_TAG, "ltr", english, (fault,))
    texts = _read_texts(name, folders, desk=desk)
    direction = "rtl" if texts.get("language.direction") == "rtl" else "ltr"
    usable, faults = _judged(tuple(texts.items()), tuple(english.items()))
    faults = tuple(f"templates/words/{name}.toml: {fault}" for fault in faults)
    return Words(wanted, direction, usable, faults)


@lru_cache(maxsize=16)
def _judged(
    texts: tuple[tuple[str, str], ...], english: tuple[tuple[str, str], ...]
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Returns the usable texts, the English ones where there is none, and the faults."""
    translated, original = dict(texts), dict(english)
    usable = {key: text for key, text in texts if not _fault(key, text, original)}
    every = _fallback(original, usable) | usable
    return MappingProxyType(every), tuple(_faults(translated, original))


def _fallback(english: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """Returns the English texts, without the plural forms that the language does not tell apart."""
    return {key: text for key, text in english.items() if _general(key, english) not in texts}


def files(settings: PressSettings) -> list[Path]:
    """Returns the files that `words` reads for these settings, the shipped ones first."""
    folders = settings.template_folders
    wanted = _tag(settings.publication.language)
    name = next((name for name in _names(wanted) if _files(name, folders)), FALLBACK)
    return list(dict.fromkeys([*_files(FALLBACK, folders[-1:]), *_files(name, folders)]))


def file_name(settings: PressSettings) -> str:
    """The name of the language's file below `templates`, for the publication's own texts."""
    names = _names(_tag(settings.publication.language))
    folders = settings.template_folders
    name = next((name for name in names if _files(name, folders)), names[-1])
    return f"words/{name}.toml"


def english(settings: PressSettings, *, desk: bool = False) -> Mapping[str, str]:
    """The shipped English texts, by which the others are known."""
    return _read_texts(FALLBACK, settings.template_folders[-1:], desk=desk)


def shipped(settings: PressSettings) -> dict[str, str]:
    """The texts that readers get where the publication has none of its own."""
    folders = settings.template_folders[-1:]
    name = file_name(settings).removeprefix("words/").removesuffix(".toml")
    return _read_texts(FALLBACK, folders) | _read_texts(name, folders)


def text_fault(settings: PressSettings, key: str, text: str) -> str:
    """Why a text of the publication's own cannot be used, or "" if it can."""
    return _fault(key, text, _read_texts(FALLBACK, settings.template_folders[-1:]))


def _tag(language: str) -> str:
    """Returns a language of the settings as a tag that is safe in a file's name."""
    return "".join(
        c for c in language.replace("_", "-") if c.isascii() and (c.isalnum() or c == "-")
    )


def _names(language: str) -> list[str]:
    """Returns the file names to try: de-at, then de."""
    name = language.lower()
    return list(dict.fromkeys([name, name.partition("-")[0]]))


def _files(name: str, folders: tuple[Path, ...]) -> list[Path]:
    """Returns the shipped file first, so that the publication's file overrides it."""
    files = [folder / "words" / f"{name}.toml" for folder in reversed(folders)]
    return [file for file in files if file.is_file()]


def _desk_files(name: str, folders: tuple[Path, ...]) -> list[Path]:
    """Returns the files of the desk's texts, one a page, the shipped ones first."""
    return [
        file
        for folder in reversed(folders)
        for file in sorted((folder / "words" / "desk" / name).glob("*.toml"))
    ]


def _read_texts(name: str, folders: tuple[Path, ...], *, desk: bool = False) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file in _files(name, folders) + (_desk_files(name, folders) if desk else []):
        text = ""
        try:
            text = file.read_text(encoding="utf-8")
            texts |= _parsed(text)
        except tomllib.TOMLDecodeError as error:
            raise PressError(sentences.of_toml(text, error, of=str(file))) from error
        except UnicodeDecodeError as error:
            raise PressError(f"{file} is not text in UTF-8: save it as UTF-8") from error
        except (OSError, ValueError) as error:
            raise PressError(f"{file} cannot be read: check who may read it") from error
    return texts


# The files change seldom, and to read them as TOML takes longer than to print an issue.
@lru_cache(maxsize=256)
def _parsed(toml: str) -> Mapping[str, str]:
    return MappingProxyType(_flat(tomllib.loads(toml)))


def _flat(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    texts: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, list):
            texts |= _flat({str(n): text for n, text in enumerate(value)}, f"{above}{key}.")
        elif isinstance(value, dict):
            texts |= _flat(value, f"{above}{key}.")
        else:
            texts[above + key] = str(value)
    return texts


def _faults(texts: Mapping[str, str], english: Mapping[str, str]) -> Iterator[str]:
    yield from filter(None, (_fault(key, text, english) for key, text in texts.items()))
    missing = [key for key in english if key not in texts and _general(key, english) not in english]
    if missing:
        count = f"{len(missing)} texts are" if len(missing) > 1 else "1 text is"
        yield f"{count} missing and shown in English, the first is {missing[0]}: add them"


def _general(key: str, english: Mapping[str, str]) -> str:
    """Returns the key of the general plural form, for the form of a single number; else ""."""
    group, _, last = key.rpartition(".")
    return f"{group}.{OTHER}" if last.isdigit() and f"{group}.{OTHER}" in english else ""


def _fault(key: str, text: str, english: Mapping[str, str]) -> str:
    """Returns why a text cannot be used, or "" if it can."""
    original = english.get(key, english.get(_general(key, english)))
    if original is None:
        return f"no page uses {key}: correct the key or remove it"
    try:
        unknown = sorted(_slots(text) - _slots(original))
    except ValueError as error:
        return f"{key} cannot be read ({error}): correct its braces"
    return f"{key} holds {{{unknown[0]}}}, which nothing fills in: remove it" if unknown else ""


@lru_cache(maxsize=4096)
def _slots(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)
