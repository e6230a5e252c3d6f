"""Reads days as texts name them: “Thursday 3rd December”, “3/12/26”, “3–5 December 2026”."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from emag.content.when import names

_WEEKDAY = rf"(?:\b(?P<weekday>{names.WEEKDAY})[.,]?(?:\s+|,\s*)(?:the\s+|y\s+)?)?"
_SUFFIX = r"(?:\s?(?:st|nd|rd|th|af|ail|il|ydd|fed|ed|eg|ain)\b\.?)?"
_DAY = rf"(?P<day>\d{{1,2}}){_SUFFIX}"
_YEAR = r"(?:[,.]?\s+[’']?(?P<year>20\d\d|[23]\d(?=\s*(?:$|[,;)|\n]|\.(?!\d))))\b(?![:.]\d\d))?"
_NOT_LONG_AGO = r"(?!,?\s+1[0-9]\d\d\b(?!\s?h))"  # “12 December 1936”, but “1800 hours”
_TIGHT = r"(?:-(?P<tight>20\d\d|\d\d)\b)?"  # 20-Mar-2026
_NO_TIME = r"(?![:.]\d|\s?[ap]\.?m\b)"
_TO = (
    r"[^\S\n]*(?:-|–|—|\bto\b|\buntil\b|\btill?\b|\bi\b|\bhyd\b|\btan\b|(?P<and>\band\b|&))[^\S\n]*"
)
_MONTH = rf"(?P<month>{names.MONTH})"
_NUMBERS = r"(?P<day>\d{1,2})(?P<s>[/.-])(?P<month>\d{1,2})(?P=s)(?P<year>20\d\d|\d\d)(?!\d)"
_LAST = (
    rf"(?:{_TO}(?P<last>\d{{1,2}})\b{_NO_TIME}(?!\s+{names.MONTH})"
    r"(?:,?\s+(?P<last_year>20\d\d)\b)?)?"
)
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d/.-])(?P<year>20\d\d)(?P<s>[-/])(?P<month>\d\d)(?P=s)(?P<day>\d\d)(?!\d)",
        rf"{_WEEKDAY}(?<!\d:)(?<![\d/.-]){_NUMBERS}",
        rf"{_WEEKDAY}(?<![\d/£])\b(?!24/7)(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})(?![\d/])",
        rf"{_WEEKDAY}(?<!\d[:.])(?<![\d/])\b{_DAY}[\s-]+(?:of\s+|o\s+)?{_MONTH}{_TIGHT}{_YEAR}{_NOT_LONG_AGO}",
        rf"{_WEEKDAY}\b{_MONTH}\s+{_DAY}\b{_NO_TIME}{_YEAR}{_NOT_LONG_AGO}{_LAST}",
        rf"\b(?P<weekday>{names.ENGLISH_WEEKDAY}),?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)\b",
    )
]
_BETWEEN = re.compile(_TO, re.IGNORECASE)
_BETWEEN_TWO = re.compile(r"\b(?:between|rhwng)\s+(?:the\s+)?$", re.IGNORECASE)
# “3–” in “3–5 December”, but not in “Band 3 – 5 December”.
_BEFORE = re.compile(
    rf"(?:(?P<number>\b(?:band|grade|part|week|session|room|level|year|stage|episode|issue|day|no\.?)\s+)"
    rf"|\b(?P<weekday>{names.WEEKDAY})\s+)?(?<![\d/:.£])\b{_DAY}{_TO}$",
    re.IGNORECASE,
)
_LISTED = re.compile(
    rf"(?:\b(?P<weekday>{names.WEEKDAY})\s+)?(?<![\d/:.£])\b{_DAY},\s+$", re.IGNORECASE
)
_WINDOW = 40  # characters
_LONGEST = timedelta(days=400)  # from the first to the last day
_YEAR_LONG = 366  # days


@dataclass(frozen=True, slots=True)
class WrittenDay:
    """A day in the parts that are written; None for one that is not."""

    day: int
    month: int | None = None
    year: int | None = None
    weekday: int | None = None

    def near(self, published: date | None, *, back: timedelta) -> date | None:
        """The day. Without a year, the first such day from `back` before `published` on.

        None for a day that is on no calendar or contradicts its weekday, and for one without a
        year where nobody knows when it was written.
        """
        if self.year is not None:
            return self.on(self.year)
        if published is None or not date.min.year < published.year < date.max.year - 1:
            return None
        if self.month is None:
            following = (published + timedelta(days=n) for n in range(90))
            return next((day for day in following if self._is(day)), None)
        return self._from(published - back)

    def until(self, last: date) -> date | None:
        """The first day of a range that ends with `last`."""
        written = self if self.month else replace(self, month=last.month)
        years = [self.year] if self.year else [last.year, last.year - 1]
        ends = (day for year in years if (day := written.on(year)))
        return next((day for day in ends if timedelta() < last - day <= _LONGEST), None)

    def _from(self, start: date) -> date | None:
        days = (self.on(year) for year in (start.year, start.year + 1))
        return next((day for day in days if day and 0 <= (day - start).days < _YEAR_LONG), None)

    def on(self, year: int) -> date | None:
        """The day in that year, if there is one."""
        try:
            day = date(year, self.month or 0, self.day)
        except ValueError:
            return None
        return day if self.weekday in {None, day.weekday()} else None

    def _is(self, day: date) -> bool:
        return day.day == self.day and self.weekday in {None, day.weekday()}


@dataclass(frozen=True, slots=True)
class WrittenDays:
    """One day or a range of days, and where it stands in its text."""

    first: WrittenDay
    last: WrittenDay | None
    start: int
    end: int

    @property
    def has_weekday(self) -> bool:
        return self.first.weekday is not None

    def near(self, published: date | None, *, back: timedelta) -> tuple[date, date | None] | None:
        """The first and the last day; None where one of them is not known."""
        if self.last is None:
            day = self.first.near(published, back=back)
            return (day, None) if day else None
        is_open = self.last.year is None and self.first.month is not None
        start = self.first.near(published, back=back) if is_open else None
        last = self.last.near(start or published, back=timedelta() if start else back)
        first = self.first.until(last) if last else None
        return (first, last) if first else None


def days(text: str) -> list[WrittenDays]:
    """All days and ranges of days that a text names, in its order."""
    result: list[WrittenDays] = []
    for single in sorted(_singles(text), key=lambda written: written.start):
        before = result[-1] if result else None
        if before and (joined := _joined(text, before, single)):
            result[-1] = joined
        else:
            result.append(_from_before(text, before.end if before else 0, single))
        while longer := _with_day_before(text, result[-1]):
            result = [written for written in result[:-1] if written.end <= longer.start]
            result.append(longer)
    return result


def _with_day_before(text: str, days: WrittenDays) -> WrittenDays | None:
    """The range of “Friday 4th, Saturday 5th and Sunday 6th December” from its first day on."""
    if days.last is None or days.first.month:
        return None
    head = max(0, days.start - _WINDOW)
    match = _LISTED.search(text[head : days.start])
    if not match or int(match["day"]) + 1 != days.first.day:
        return None
    weekday = names.weekday(match["weekday"]) if match["weekday"] else None
    first = WrittenDay(int(match["day"]), weekday=weekday)
    return WrittenDays(first, days.last, head + match.start(), days.end)


def _singles(text: str) -> Iterator[WrittenDays]:
    spans: list[tuple[int, int]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if all(end <= first or start >= last for first, last in spans):
                spans.append((start, end))
                yield _written(match)


def _written(match: re.Match[str]) -> WrittenDays:
    parts = match.groupdict()
    month, weekday = parts.get("month") or "", parts.get("weekday")
    year = _year(parts.get("year") or parts.get("tight") or parts.get("last_year"))
    first = WrittenDay(
        int(parts["day"] or 0),
        int(month) if month.isdecimal() else names.month(month) if month else None,
        year,
        names.weekday(weekday) if weekday else None,
    )
    number = parts.get("last")
    last = WrittenDay(int(number), first.month, year) if number else None
    return WrittenDays(first, last, *match.span())


def _year(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) + (2000 if len(text) == len("26") else 0)


def _joined(text: str, before: WrittenDays, single: WrittenDays) -> WrittenDays | None:
    """The range of “30 November to 4 December”; None for two days that have nothing between."""
    link = _BETWEEN.fullmatch(text, before.end, single.start)
    if not link or before.last or not single.first.month:
        return None
    is_next = single.first.day == before.first.day + 1
    if link["and"] and not is_next and not _is_between(text, before.start):
        return None
    return WrittenDays(before.first, single.first, before.start, single.end)


def _from_before(text: str, floor: int, single: WrittenDays) -> WrittenDays:
    """The range of “3–5 December”, where the month stands with the last day."""
    head = max(floor, single.start - _WINDOW)
    match = _BEFORE.search(text[head : single.start]) if single.last is None else None
    if match is None or match["number"] or not single.first.month:
        return single
    day, weekday, start = int(match["day"]), match["weekday"], head + match.start()
    is_next = day + 1 == single.first.day
    if match["and"] and not is_next and not _is_between(text, start):
        return single
    if day >= single.first.day:
        return single
    first = WrittenDay(day, None, None, names.weekday(weekday) if weekday else None)
    return WrittenDays(first, single.first, start, single.end)


def _is_between(text: str, start: int) -> bool:
    """True for “between 3 and 19 March”. “3 and 19 March” are two days."""
    return bool(_BETWEEN_TWO.search(text[max(0, start - _WINDOW) : start]))
