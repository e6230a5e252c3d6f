"""The texts for readers in the publication's language, read from `templates/words`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Self

from babel import Locale
from babel.numbers import format_decimal

from emag.press import words_files
from emag.press.dates import Dates
from emag.press.language import BRITISH, OTHER, direction_of, locale_of, tag
from emag.press.settings import PressSettings
from emag.press.words_files import FALLBACK, Contents, Texts


@dataclass(frozen=True, slots=True)
class Words:
    """All texts of one language. Call it with a text's key and the values to fill in.

    `language` is the language of the texts, English if the publication's has no file. `locale` is
    the publication's: it writes dates and numbers. `borrowed` holds the keys of texts that are in
    English for want of another. `faults` holds a sentence for each missing or unusable text in the
    publication's files.
    """

    language: str
    direction: str
    locale: Locale
    texts: Texts
    borrowed: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()

    def __call__(self, key: str, **values: object) -> str:
        """Returns the text with its values filled in. Raises KeyError for an unknown key."""
        return self.texts[key].format(**values)

    def __contains__(self, key: str) -> bool:
        return key in self.texts

    def language_of(self, key: str) -> str:
        """The language of one text; of a count that of its general form."""
        is_borrowed = key in self.borrowed or f"{key}.{OTHER}" in self.borrowed
        return BRITISH if is_borrowed else self.language

    @property
    def dates(self) -> Dates:
        return Dates(self.locale)

    def count(self, key: str, n: int) -> str:
        """Returns the text for `n`: that of exactly this number, or that of its plural form."""
        form = locale_of(self.language).plural_form(n)
        names = (f"{key}.{name}" for name in (n, form, OTHER))
        text = next(self.texts[name] for name in names if name in self.texts)
        return text.format(n=_Number(n, self.locale))

    def number(self, n: int) -> str:
        """12,000 in English, 12.000 in German."""
        return _decimal(n, self.locale)

    def listed(self, parts: Iterable[str]) -> str:
        """A, b and c."""
        *head, last = list(parts) or [""]
        return self("list.and", first=self("list.comma").join(head), last=last) if head else last

    def joined(self, *parts: str) -> str:
        """A, b: facts side by side, without those that are empty."""
        return self("list.comma").join(filter(None, parts))

    def label(self, text: str) -> str:
        """A text before what it announces: “Read the story:”."""
        return self("list.label", text=text)

    def day(self, at: date) -> str:
        """6 March 2026."""
        return self.dates.day(at)

    def long_day(self, at: date) -> str:
        """Friday 6 March 2026."""
        return self.dates.long(at)

    def moment(self, at: datetime) -> str:
        """6 March 2026, 10:04, in the zone that `at` is in."""
        return self("date.at", date=self.day(at), time=self.dates.time(at.time()))


class _Number(int):
    """A number that is written as its locale does wherever a text formats it."""

    _locale: Locale

    def __new__(cls, n: int, locale: Locale) -> Self:
        number = super().__new__(cls, n)
        number._locale = locale
        return number

    def __format__(self, _: str) -> str:
        return _decimal(int(self), self._locale)


@lru_cache(maxsize=1_024)
def _decimal(n: int, locale: Locale) -> str:
    return str(format_decimal(n, locale=locale))


def words(settings: PressSettings, *, desk: bool = False) -> Words:
    """Reads the publication's texts: its files first, then the shipped ones, then English.

    With `desk`, the texts of the desk's pages are among them. Raises PressError for a file that is
    not TOML.
    """
    wanted, folders = tag(settings.publication.language), settings.template_folders
    return _words(wanted, folders, desk, words_files.contents(wanted, folders, desk=desk))


@lru_cache(maxsize=16)
def _words(wanted: str, folders: tuple[Path, ...], desk: bool, _: Contents) -> Words:
    locale = locale_of(wanted)
    english = words_files.read(FALLBACK, folders[-1:], desk=desk)
    name = words_files.existing(wanted, folders)
    if not name:
        return _in_english(wanted, locale, english)
    layers = words_files.layers(name, folders, desk=desk)
    texts, borrowed = _usable(
        tuple(tuple(layer.items()) for layer in layers), tuple(english.items()), name
    )
    times = {key: text for key, text in _times(locale).items() if key in borrowed}
    every_text = MappingProxyType(dict(texts) | times) if times else texts
    is_english = name.partition("-")[0] == FALLBACK
    return Words(
        wanted,
        direction_of(wanted),
        locale,
        every_text,
        frozenset() if is_english else borrowed.difference(times),
        _faults(name, folders),
    )


def _in_english(wanted: str, locale: Locale, english: dict[str, str]) -> Words:
    """English texts around dates of the publication's language."""
    file = f"templates/words/{words_files.names(wanted)[-1]}.toml"
    fault = f"There is no {file}: readers get English texts; add the file to translate them"
    texts = MappingProxyType({**english, **_times(locale)})
    return Words(BRITISH, "ltr", locale, texts, faults=(fault,))


@lru_cache(maxsize=64)
def _times(locale: Locale) -> Texts:
    """How a language joins dates and times, by CLDR, for one that has no texts for it."""
    dates = Dates(locale)
    return {
        "date.at": locale.datetime_formats["medium"].format("{time}", "{date}"),
        "date.hours": locale.datetime_formats["medium"].format("{start} – {end}", "{date}"),
        "date.days": "{start} – {end}",
        "date.midday": dates.clock(time(12)),
        "date.midnight": dates.clock(time(0)),
    }


@lru_cache(maxsize=16)
def _usable(
    layers: tuple[tuple[tuple[str, str], ...], ...],
    english: tuple[tuple[str, str], ...],
    name: str,
) -> tuple[Texts, frozenset[str]]:
    """Returns the texts, and the keys of those that are English for want of another."""
    texts = words_files.usable(map(dict, layers), dict(english), name)
    translated = {entry for layer in layers for entry in layer}
    borrowed = (entry[0] for entry in texts.items() if entry not in translated)
    return MappingProxyType(texts), frozenset(borrowed)


def _faults(name: str, folders: tuple[Path, ...]) -> tuple[str, ...]:
    paths = words_files.files(name, folders)
    by_file = tuple(
        (_label(path, folders), tuple(words_files.parsed(path).items())) for path in paths
    )
    english = words_files.read(FALLBACK, folders[-1:])
    return _faults_of(by_file, tuple(english.items()), name)


@lru_cache(maxsize=16)
def _faults_of(
    by_file: tuple[tuple[str, tuple[tuple[str, str], ...]], ...],
    english: tuple[tuple[str, str], ...],
    name: str,
) -> tuple[str, ...]:
    files: Mapping[str, Texts] = {file: dict(texts) for file, texts in by_file}
    return tuple(words_files.faults(files, dict(english), name))


def _label(path: Path, folders: tuple[Path, ...]) -> str:
    """A file as the operator knows it: below their own folder, or as one of emag's."""
    if path.is_relative_to(folders[0]):
        return f"templates/{path.relative_to(folders[0]).as_posix()}"
    return f"emag's own words/{path.name}"


def files(settings: PressSettings) -> list[Path]:
    """Returns the files that `words` reads for these settings, the shipped ones first."""
    folders = settings.template_folders
    name = words_files.existing(tag(settings.publication.language), folders) or FALLBACK
    english = words_files.files(FALLBACK, folders[-1:])
    return list(dict.fromkeys([*english, *words_files.files(name, folders)]))


def file_name(settings: PressSettings) -> str:
    """The name of the language's file below `templates`, for the publication's own texts."""
    wanted = tag(settings.publication.language)
    name = words_files.existing(wanted, settings.template_folders) or words_files.names(wanted)[-1]
    return f"words/{name}.toml"


def english(settings: PressSettings, *, desk: bool = False) -> Mapping[str, str]:
    """The shipped English texts, by which the others are known."""
    return words_files.read(FALLBACK, settings.template_folders[-1:], desk=desk)


def shipped(settings: PressSettings) -> dict[str, str]:
    """The texts that readers get where the publication has none of its own."""
    folders = settings.template_folders[-1:]
    name = file_name(settings).removeprefix("words/").removesuffix(".toml")
    english, texts = words_files.read(FALLBACK, folders), words_files.read(name, folders)
    return words_files.usable([texts], english, name) if texts else english


def text_fault(settings: PressSettings, key: str, text: str) -> str:
    """Why a text of the publication's own cannot be used, or "" if it can."""
    english = words_files.read(FALLBACK, settings.template_folders[-1:])
    return words_files.fault(key, text, english, settings.publication.language)
