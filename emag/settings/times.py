"""Reads repeated times as editors write them, such as “thursday 4pm” or “first fri 07:30”."""

import re
from dataclasses import dataclass
from datetime import date, time

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
CLOCK_CHANGE_HOUR = 1  # 01:00–01:59 happens twice, or never, on the nights when clocks change
EXAMPLE = "write it like “thu 16:00” or “first fri 07:30”"

_SPELLINGS = {
    name: number
    for number, names in enumerate(
        (
            ("mon", "monday", "mondays"),
            ("tue", "tues", "tuesday", "tuesdays"),
            ("wed", "weds", "wednesday", "wednesdays"),
            ("thu", "thur", "thurs", "thursday", "thursdays"),
            ("fri", "friday", "fridays"),
            ("sat", "saturday", "saturdays"),
            ("sun", "sunday", "sundays"),
        )
    )
    for name in names
}
_NUMBERED = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm|a\.m\.|p\.m\.)?$")
_FILLERS = {"the", "every", "on", "at"}
_SHAPE = re.compile(r"(?:(?P<nth>[a-z]+|\d[a-z]{2}) )?(?P<day>[a-z]+)[.,]? (?P<clock>\d.*|[a-z]+)$")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that comes every week, or with `nth` once a month: 1 to 4, or -1 for the last.

    `weekday` counts from Monday, 0. The time is the publication's local time.
    """

    weekday: int
    at: time
    nth: int | None = None

    def __str__(self) -> str:
        """The one spelling that emag writes: “fri 07:30” or “first fri 07:30”."""
        words = f"{WEEKDAYS[self.weekday]} {self.at:%H:%M}"
        return f"{_ordinal(self.nth)} {words}" if self.nth else words

    def falls_on(self, day: date) -> bool:
        """True where the slot has a time on `day`."""
        if day.weekday() != self.weekday:
            return False
        if self.nth is None:
            return True
        if self.nth > 0:
            return (day.day - 1) // 7 == self.nth - 1
        return day.day + 7 > _days_in_month(day)


def read(text: str) -> Slot:
    """A slot from an editor's words. Raises ValueError with a sentence that says what to write."""
    words = " ".join(word for word in text.lower().split() if word not in _FILLERS)
    shape = _SHAPE.match(words)
    weekday = _SPELLINGS.get(shape["day"]) if shape else None
    if shape is None or weekday is None:
        raise ValueError(f"“{text}” is not a time that repeats; {EXAMPLE}")
    nth = None
    if shape["nth"]:
        nth = ORDINALS.get(shape["nth"]) or _NUMBERED.get(shape["nth"])
        if nth is None:
            raise ValueError(
                f"“{text}”: “{shape['nth']}” is not first, second, third, fourth or last"
            )
    return Slot(weekday, read_clock(shape["clock"], text), nth)


def read_clock(words: str, text: str) -> time:
    """A time of day such as “16:00”, “7.30am” or “noon”; `text` is what the sentence quotes."""
    named = {"noon": time(12), "midday": time(12), "midnight": time(0)}.get(words.strip())
    if named is not None:
        return named
    match = _CLOCK.match(words.strip())
    hour = _hour(int(match[1]), match[3]) if match else None
    minute = int(match[2] or 0) if match else 0
    if match is None or hour is None or minute > 59 or not (match[2] or match[3]):  # noqa: PLR2004 - minutes of an hour
        raise ValueError(f"“{text}” has no time of day that can be read; {EXAMPLE}")
    if hour == CLOCK_CHANGE_HOUR:
        raise ValueError(
            f"“{text}”: a time between 01:00 and 01:59 comes twice or not at all when the clocks "
            "change; choose another hour"
        )
    return time(hour, minute)


def _hour(number: int, half: str | None) -> int | None:
    """The hour of the day, 0 to 23, or None where there is no such hour."""
    if half is None:
        return number if number < 24 else None  # noqa: PLR2004 - hours of a day
    if not 1 <= number <= 12:  # noqa: PLR2004 - a clock face
        return None
    return number % 12 + (12 if half.startswith("p") else 0)


def _ordinal(nth: int) -> str:
    return next(word for word, number in ORDINALS.items() if number == nth)


def _days_in_month(day: date) -> int:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return (following - date(day.year, day.month, 1)).days
