"""Reads the dates that programs write into feeds and boards. A date is read right or not at all.

Standards: RFC 5322 and RFC 822 (RSS), RFC 3339 and ISO 8601 (Atom, JSON Feed, schema.org),
C's asctime. Seen beside them: American long dates, 12-hour clocks, dates with slashes or dots.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from emag.content.when import names
from emag.content.when.clock import of_twelve
from emag.content.when.zone import offset

LONGEST = 80  # characters; no date is longer
EARLIEST, LATEST = 1900, 2200  # years; “0001-01-01” is how many programs write “no date”
_CENTURY = 50  # RFC 5322, section 4.3: two-digit years from 50 are 19xx
_NOON, _MONTHS = 12, 12

_MONTH = rf"(?P<month>{names.MONTH})"
_WEEKDAY = rf"(?:{names.ENGLISH_WEEKDAY}(?:,\s*|\s+)(?:the\s+)?)?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_CLOCK = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"(?:\s?(?P<half>[ap])\.?m\b\.?)?"
)
_ZONE = r"\s*(?P<zone>\(?[A-Za-z][A-Za-z_/]*(?:[+-]\d{1,2}(?::?\d{2})?)?\)?|[+-]\d{2}(?::?\d{2})?)"
_COMMENT = re.compile(r"\s*\([^()]*\)\s*$")  # “+0100 (CET)”, which says the same twice
_TIME = rf"(?:(?:\s*[,T]?\s*(?:at\s+)?|\s+-\s+){_CLOCK}(?:{_ZONE})?)?"
_DIGITS = r"(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
_YEAR = r"(?P<year>\d{4})"
_PATTERNS = [
    re.compile(rf"{pattern}$", re.IGNORECASE | re.ASCII)
    for pattern in (
        rf"{_YEAR}(?P<s>[-/.])(?P<month>\d{{1,2}})(?P=s)(?P<day>\d{{1,2}}){_TIME}",
        rf"{_YEAR}(?P<s>-?)(?P<month>\d{{2}})(?P=s)(?P<day>\d{{2}})(?:T{_DIGITS}(?:{_ZONE})?)?",
        rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}}){_TIME}",
        rf"{_WEEKDAY}{_DAY}(?:\s+(?:of\s+)?|-){_MONTH}(?:,?\s+|-)(?P<year>\d{{4}}|\d{{2}}){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+{_YEAR}{_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_CLOCK}(?:{_ZONE})?\s+{_YEAR}",  # asctime
        rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}{_TIME}",  # only written day first
        rf"(?P<either>\d{{1,2}})(?P<s>[/-])(?P<other>\d{{1,2}})(?P=s){_YEAR}{_TIME}",
    )
]


def moment(text: str) -> datetime | None:
    """A time, aware UTC, or None for text that is no date or could be several.

    A date without a time is its midnight. A time without a zone means UTC.
    """
    local = _local(text)
    return local.astimezone(UTC) if local else None


def as_written(text: str) -> datetime | None:
    """A time as an event's page writes it: aware UTC with a zone, naive without one."""
    parts = _parts(text)
    local = _resolved(parts) if parts else None
    if parts is None or local is None:
        return None
    return local.astimezone(UTC) if parts.get("zone") else local.replace(tzinfo=None)


def in_range(at: object) -> datetime | None:
    """An aware time that can be a real one; None for any other value."""
    is_time = isinstance(at, datetime) and at.tzinfo is not None
    return _in_range(at.astimezone(UTC)) if is_time and isinstance(at, datetime) else None


def written_day(text: str) -> date | None:
    """The day as it is written, whatever its zone: a closing date is the day that readers see."""
    local = _local(text)
    return local.date() if local else None


def from_milliseconds(value: object) -> datetime | None:
    """A Unix time in milliseconds, aware UTC; None for anything else or out of range."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return _in_range(datetime.fromtimestamp(value / 1000, tz=UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _local(text: str) -> datetime | None:
    parts = _parts(text)
    return _resolved(parts) if parts else None


def _parts(text: str) -> dict[str, str | None] | None:
    """What a date is made of, by name; None for text that is no date."""
    text = " ".join(text[: LONGEST + 1].split())
    if len(text) > LONGEST:
        return None
    for candidate in (text, _COMMENT.sub("", text)):
        for pattern in _PATTERNS:
            if match := pattern.match(candidate):
                return match.groupdict()
    return None


def _resolved(parts: dict[str, str | None]) -> datetime | None:
    """None where the parts contradict each other or do not exist on the calendar."""
    day, zone, clock = _date(parts), _zone(parts.get("zone")), _clock(parts)
    if day is None or zone is None or clock is None:
        return None
    try:
        return _in_range(datetime(day.year, day.month, day.day, tzinfo=zone) + clock)
    except (ValueError, OverflowError):
        return None


def _in_range(local: datetime) -> datetime | None:
    return local if EARLIEST <= local.year < LATEST else None


def _date(parts: dict[str, str | None]) -> date | None:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == len("99"):
        year += 1900 if year >= _CENTURY else 2000
    if parts.get("either"):
        month, day = _month_and_day(int(parts["either"] or 0), int(parts["other"] or 0))
    else:
        month, day = _month(parts["month"] or ""), int(parts["day"] or 0)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month_and_day(either: int, other: int) -> tuple[int, int]:
    """05/03/2026 is two days: March in Britain, May in America. One number over 12 decides."""
    if either == other or other > _MONTHS:
        return either, other
    return (other, either) if either > _MONTHS else (0, 0)


def _month(text: str) -> int:
    return int(text) if text.isdecimal() else names.month(text)


def _clock(parts: dict[str, str | None]) -> timedelta | None:
    hour, minute = int(parts.get("hour") or 0), int(parts.get("minute") or 0)
    second = min(int(parts.get("second") or 0), 59) if parts.get("second") != "60" else 59
    half = (parts.get("half") or "").lower()
    if half and not 1 <= hour <= _NOON:
        return None
    if half:
        hour = of_twelve(hour, afternoon=half == "p")
    if minute > 59 or int(parts.get("second") or 0) > 60:  # noqa: PLR2004 - a clock; 60 is a leap second
        return None
    if hour > 24 or (hour == 24 and (minute or second)):  # noqa: PLR2004 - 24:00 is the day's end
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second)


def _zone(text: str | None) -> tzinfo | None:
    """None for a name that is not known."""
    name = (text or "z").strip("()")
    distance = offset(name)
    return timezone(distance) if distance is not None else _named_zone(name)


def _named_zone(name: str) -> tzinfo | None:
    if "/" not in name:
        return None
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # the last one is “no such zone”
        return None
