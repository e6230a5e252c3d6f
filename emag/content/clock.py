"""Reads dates and times as the British and the Welsh write them in running text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

LAST_MINUTE = time(23, 59)  # “midnight on Sunday” is the end of Sunday

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WELSH_MONTHS = {
    "ion": 1,
    "chw": 2,
    "maw": 3,
    "faw": 3,
    "ebr": 4,
    "mai": 5,
    "fai": 5,
    "meh": 6,
    "feh": 6,
    "gor": 7,
    "orf": 7,
    "aws": 8,
    "med": 9,
    "fed": 9,
    "hyd": 10,
    "tac": 11,
    "dac": 11,
    "rha": 12,
}
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WELSH_WEEKDAYS = {
    "llu": 0,
    "lun": 0,
    "maw": 1,
    "mer": 2,
    "iau": 3,
    "gwe": 4,
    "wen": 4,
    "sad": 5,
    "sul": 6,
}
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|ionawr|chwefror|mawrth|fawrth"
    r"|ebrill"
    r"|mai|fai|mehefin|fehefin|gorffennaf|orffennaf|awst|medi|fedi|hydref|tachwedd|dachwedd"
    r"|rhagfyr)"
    r"\b\.?"
)
_ENGLISH_DAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nes(?:day)?)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:ur(?:day)?)?|sun(?:day)?)"
)
_WELSH_DAY = r"(?:d?dydd|nos) (?:llun|lun|mawrth|mercher|iau|gwener|wener|sadwrn|sul)"
_WEEKDAY = rf"(?:\b(?P<weekday>{_ENGLISH_DAY}|{_WELSH_DAY})\b[.,]?(?:\s+|,\s*)(?:the\s+|y\s+)?)?"
_DAY = r"(?P<day>\d{1,2})\s?(?:st|nd|rd|th|af|ail|il|ydd|fed|ed|eg|ain)?"
_YEAR = r"(?:[,.]?\s+[’']?(?P<year>20\d\d|\d\d(?=\s*(?:$|[.,;)|\n])))\b(?![:.]\d\d))?"
_TIGHT = r"(?:-(?P<tight>20\d\d|\d\d)\b)?"  # 20-Mar-2026
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d/.-])(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        rf"{_WEEKDAY}(?<![\d/.:-])\b(?P<day>\d{{1,2}})(?P<s>[/.-])(?P<month>\d{{1,2}})(?P=s)(?P<year>20\d\d|\d\d)(?!\d)",
        rf"{_WEEKDAY}(?<![\d/£])\b(?P<day>\d{{1,2}})/(?P<month>\d{{1,2}})(?![\d/])",
        rf"{_WEEKDAY}(?<![\d/:.])\b{_DAY}[\s-]+(?:of\s+|o\s+)?{_MONTH}{_TIGHT}{_YEAR}",
        rf"{_WEEKDAY}\b{_MONTH}\s+{_DAY}\b{_YEAR}",
        rf"\b(?P<weekday>{_ENGLISH_DAY})\b,?\s+(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)\b",
    )
]
_HALF = r"(?:\s?(?P<half>[ap])\.?\s?m\b\.?|\s?y(?P<welsh>[pb])\b\.?)"
_CLOCK = (
    r"(?:(?:at|by|before|am|erbyn)\s+)?(?:"
    r"(?P<noon>12(?:[:.]00)?(?: o['’]clock)?\s?(?:p\.?m\.?\s?)?(?:\(?noon\)?|\(?mid-?day\)?)"
    r"|(?:12 )?noon"
    r"|mid-?day|hanner dydd|canol dydd)"
    r"|(?P<midnight>(?:12(?:[:.]00)?\s?(?:a\.?m\.?\s?)?|one minute to |a minute to "
    r"|1 minute to )?midnight|hanner nos)"
    rf"|(?P<hour>\d{{1,2}})(?:(?:[:.]|h)(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?)?{_HALF}"
    r"|(?P<hour24>\d{1,2})[:.h](?P<minute24>\d\d)(?::\d\d(?:\.\d+)?)?"
    r"(?:\s?h(?:ou)?rs?\b|\s?o['’]r gloch)?"
    r"|(?P<four>[01]\d|2[0-4])(?P<four_minute>[0-5]\d)\s?(?:h(?:ou)?rs?\b|h\b)"
    r")"
)
_ZONE = r"(?:\s?\(?(?P<zone>Z\b|GMT|BST|UTC|UK time|UK|London time|[+-]\d\d:?\d\d)\)?)?"
_BEFORE = re.compile(
    rf"(?<![\d:.£]){_CLOCK}{_ZONE}[\s,.):–-]*(?:(?:UK time|sharp|prompt)[\s,]*)?"
    r"(?:(?:on|of|ar|nos|at the end of|the)[\s,]+){0,3}(?:the\s+)?$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    rf"[\s,;|(–—@T-]*(?:(?:at|by|before|from|until|no later than|not later than|time|am|erbyn"
    rf"|strictly by)[\s:]+)?"
    rf"(?:the latest )?{_CLOCK}{_ZONE}(?![\d/])",
    re.IGNORECASE,
)
_WINDOW = 45  # characters between a date and its time
_LOOK_BACK = timedelta(days=60)  # a post may be announced again after it has closed
_NEAR = timedelta(days=330)


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and the time on it where one is written. `start` and `end` are where it stands."""

    day: date
    at: datetime | None
    start: int
    end: int


def moments(text: str, *, published: date | None, zone: tzinfo) -> Iterator[Moment]:
    """All days that a text names, in its order. One that could be several days is left out.

    Where the year is missing, the weekday decides, or else the first such day that is not long
    before `published`.
    """
    spans: list[tuple[int, int, re.Match[str]]] = []
    for pattern in _DATES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if all(end <= other or start >= last for other, last, _ in spans):
                spans.append((start, end, match))
    for start, end, match in sorted(spans, key=lambda item: item[:2]):
        if day := _day(match, published):
            yield _moment(text, day, (start, end), zone)


def _moment(text: str, day: date, span: tuple[int, int], zone: tzinfo) -> Moment:
    start, end = span
    after = _AFTER.match(text, end, end + _WINDOW)
    if after and (at := _at(after, day, zone)):
        return Moment(*at, start, after.end())
    head = max(0, start - _WINDOW)
    before = _BEFORE.search(text[head:start])
    if before and (at := _at(before, day, zone)):
        return Moment(*at, head + before.start(), end)
    return Moment(day, None, start, end)


def time_of(text: str, day: date, zone: tzinfo) -> datetime | None:
    """The time with which a text begins, on that day."""
    match = _AFTER.match(text[:_WINDOW])
    at = _at(match, day, zone) if match else None
    return at[1] if at else None


def _at(match: re.Match[str], day: date, zone: tzinfo) -> tuple[date, datetime | None] | None:
    """The day and the time; None for what is no time. 00:00 is how programs write “no time”."""
    clock = _clock(match.groupdict())
    if clock is None or clock == time(0, 0):
        return None if clock is None else (day, None)
    offset = _offset(match["zone"] or "")
    if offset is None:
        return day, datetime.combine(day, clock, zone)
    try:
        local = (datetime.combine(day, clock, UTC) - offset).astimezone(zone)
    except OverflowError:
        return None
    return (local.date(), local if (local.hour, local.minute) != (0, 0) else None)


def _offset(name: str) -> timedelta | None:
    """None for the time of the place: “GMT” is written all year round for “British time”."""
    if number := re.fullmatch(r"([+-])(\d\d):?(\d\d)", name):
        size = timedelta(hours=int(number[2]), minutes=int(number[3]))
        return size if number[1] == "+" else -size
    return {"BST": timedelta(hours=1), "UTC": timedelta(), "Z": timedelta()}.get(name.upper())


def _clock(parts: dict[str, str | None]) -> time | None:
    if parts["noon"] or parts["midnight"]:
        return time(12) if parts["noon"] else LAST_MINUTE
    if exact := parts["hour24"] or parts["four"]:
        return _time(int(exact), int(parts["minute24"] or parts["four_minute"] or 0))
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock
        # “17.00pm” is five in the afternoon
        return _time(hour, minute) if hour > 12 else None  # noqa: PLR2004
    is_afternoon = (parts["half"] or parts["welsh"] or "").lower() == "p"
    if hour == 12 and not is_afternoon and minute == 0:  # noqa: PLR2004 - “12am” means midnight
        return LAST_MINUTE
    return _time(hour % 12 + (12 if is_afternoon else 0), minute)


def _time(hour: int, minute: int) -> time | None:
    if hour == 24 and minute == 0:  # noqa: PLR2004 - the day's end
        return LAST_MINUTE
    return time(hour, minute) if hour <= 23 and minute <= 59 else None  # noqa: PLR2004 - a clock


def _day(match: re.Match[str], published: date | None) -> date | None:
    parts = match.groupdict()
    number, month = int(parts["day"]), _month(parts.get("month"))
    weekday = _weekday(parts.get("weekday"))
    if year := parts.get("year") or parts.get("tight"):
        day = _date(int(year) + (2000 if len(year) == 2 else 0), month or 0, number)  # noqa: PLR2004
        return day if day and weekday in {None, day.weekday()} else None
    if published is None or published.year <= date.min.year or published.year >= date.max.year - 4:
        return None
    if month is None:
        return _next(number, weekday, published)
    years = range(published.year - 1, published.year + 5)
    days = [day for y in years if (day := _date(y, month, number))]
    likely = [day for day in days if day >= published - _LOOK_BACK]
    if weekday is not None:
        likely = [day for day in likely if day.weekday() == weekday and day - published < _NEAR]
    return likely[0] if likely else None


def _next(number: int, weekday: int | None, published: date) -> date | None:
    """“Friday 13th”: the next such day, within three months."""
    days = (published + timedelta(days=n) for n in range(90))
    return next((day for day in days if day.day == number and day.weekday() == weekday), None)


def _month(name: str | None) -> int | None:
    if name is None or name.isdecimal():
        return int(name) if name else None
    key = name[:3].lower()
    if name.lower().startswith(("mai", "maw")) or key not in _MONTHS:
        return _WELSH_MONTHS[key]
    return _MONTHS.index(key) + 1


def _weekday(name: str | None) -> int | None:
    if not name:
        return None
    *welsh, last = name.lower().split()
    key = last[:3]
    return _WELSH_WEEKDAYS[key] if welsh else _WEEKDAYS.index(key)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
