"""Finds out how a language writes, by CLDR: its locale, its direction, its plural forms."""

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

BRITISH = "en-GB"  # for English of no country, and for a language that CLDR does not know
OTHER = "other"  # the plural form for all numbers without a form of their own
FORMS = frozenset({"zero", "one", "two", "few", "many", OTHER})
_NUMBERS = range(201)  # no language needs a larger whole number to show all its usual forms


def tag(language: str) -> str:
    """A language of the settings as a tag that is safe in a file's name and in an attribute."""
    return "".join(
        c for c in language.replace("_", "-") if c.isascii() and (c.isalnum() or c == "-")
    )


@lru_cache(maxsize=64)
def locale_of(language: str) -> "Locale":
    """The locale of a tag such as de-AT; that of the language alone for a country unknown to it."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - sending does without

    wanted = tag(language)
    for name in (wanted, wanted.partition("-")[0]):
        with suppress(UnknownLocaleError, ValueError):
            return Locale.parse(BRITISH if name.lower() == "en" else name, sep="-")
    return Locale.parse(BRITISH, sep="-")


def direction_of(language: str) -> str:
    """“ltr” or “rtl”."""
    return str(locale_of(language).text_direction)


@lru_cache(maxsize=64)
def plural_forms(language: str) -> frozenset[str]:
    """The forms that the language tells apart for whole numbers: six in Welsh, two in English."""
    return frozenset({OTHER, *map(locale_of(language).plural_form, _NUMBERS)})
