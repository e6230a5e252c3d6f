"""Writes dates and times as a language does, by CLDR; in English in the style of GOV.UK."""

import re
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_time

# The parts of a CLDR pattern; text between quotes is left alone.
_PARTS = re.compile(r"'[^']*'|E+|MMM+|LLL+|d+")
_WIDE = {"E": "EEEE", "M": "MMMM", "L": "LLLL"}  # a month in figures stays as it is


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates and times of one locale. They are written as given: convert moments to a zone first."""

    locale: Locale

    def long(self, day: date) -> str:
        """Friday 6 March 2026."""
        return self._written(day, _long(self.locale))

    def day(self, day: date) -> str:
        """6 March 2026."""
        return self._written(day, self.locale.date_formats["long"].pattern)

    def weekday(self, day: date) -> str:
        """Friday 6 March."""
        return self._written(day, _weekday(self.locale))

    def near(self, day: date, today: date) -> str:
        """Friday 6 March, with the year if it is not this year."""
        return self.weekday(day) if day.year == today.year else self.long(day)

    def short(self, day: date) -> str:
        """6 March."""
        return self._written(day, _skeleton(self.locale, "MMMMd", "MMMd"))

    def brief(self, day: date) -> str:
        """6 Mar."""
        return self._written(day, _skeleton(self.locale, "MMMd"))

    def month(self, day: date) -> str:
        """Mar."""
        return self._written(day, "LLL").rstrip(".")

    def month_name(self, day: date) -> str:
        """March."""
        return self._written(day, "LLLL")

    def weekday_name(self, day: date) -> str:
        """Friday."""
        return self._written(day, "EEEE")

    def clock(self, at: time) -> str:
        """10am or 5:30pm in English; in other languages as `time`."""
        if self.locale.language != "en":
            return self.time(at)
        pattern = "h:mma" if at.minute else "ha"
        return format_time(at, pattern, locale=self.locale).lower().replace(".", "")

    def time(self, at: time) -> str:
        """10:00, or 10:00 AM where a country counts to twelve."""
        return format_time(at, "short", locale=self.locale)

    def _written(self, day: date, pattern: str) -> str:
        # Only the day counts: the same moment has another one in another zone.
        return _written(date(day.year, day.month, day.day), pattern, self.locale)


@lru_cache(maxsize=2_048)  # the stories of an issue have few dates
def _written(day: date, pattern: str, locale: Locale) -> str:
    if locale.language == "fr" and day.day == 1:
        pattern = _PARTS.sub(lambda part: "d'er'" if part[0] == "d" else part[0], pattern)
    return format_date(day, pattern, locale=locale)


@lru_cache(maxsize=64)
def _long(locale: Locale) -> str:
    full = str(locale.date_formats["full"].pattern)
    is_british = locale.language == "en" and full == "EEEE, d MMMM y"
    return full.replace(",", "") if is_british else full


@lru_cache(maxsize=64)
def _weekday(locale: Locale) -> str:
    """The pattern of weekday, day and month in full, made of a shorter one as CLDR says."""
    pattern = _skeleton(locale, "MMMMEEEEd", "MMMMEd", "MMMEd")
    return _PARTS.sub(lambda part: _WIDE.get(part[0][0], part[0]), pattern)


@lru_cache(maxsize=256)
def _skeleton(locale: Locale, *names: str) -> str:
    """The first of these patterns that the locale has, or its usual one with a year."""
    patterns = (locale.datetime_skeletons.get(name) for name in names)
    pattern = next(filter(None, patterns), locale.date_formats["long"])
    return str(pattern.pattern)
