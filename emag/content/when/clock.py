"""Reads times of day as posts and adverts write them: “noon”, “5.30pm”, “19:00–21:00”, “2yp”."""

import re
from dataclasses import dataclass, replace
from datetime import time

from emag.content.when import names

_NOON, _DAY = 12, 24  # hours
_EARLY = range(1, 8)  # “5.00” may be in either half of the day
WINDOW = 60  # characters between a date and its time


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. “Midnight”, “12am” and “24:00” end the day with which they stand."""

    hour: int
    minute: int = 0
    ends_day: bool = False

    @property
    def time(self) -> time:
        return time(self.hour, self.minute)

    @property
    def minutes(self) -> int:
        return self.hour * 60 + self.minute


@dataclass(frozen=True, slots=True)
class Hours:
    """A time of day, or a range of two, and the name of a zone where one is written."""

    first: Clock
    last: Clock | None = None
    zone: str = ""


_NOON_WORDS = (
    r"12(?:[:.]00)?(?:\s?o['’]clock)?\s?(?:p\.?m\.?\s?)?\(?(?:noon|mid-?day)\b\)?"
    r"|(?:(?:12|twelve) )?noon\b|mid-?day\b|(?:12 )?hanner\s+dydd\b|[cg]anol\s+dydd\b"
)
_MIDNIGHT_WORDS = (
    r"(?:12(?:[:.]00)?\s?(?:a\.?m\.?\s?)?|(?:one|a|1) minute (?:to|before) )?\(?midnight\b\)?"
    r"|hanner\s+nos\b"
)
_WELSH_HALF = r"o['’]r gloch y(?:r|n y)? (?:bore|prynhawn|hwyr|nos)\b"
_NO_DATE = rf"(?!\s?(?:st|nd|rd|th)?\s+(?:of\s+)?{names.MONTH})"


def _one(n: str) -> str:
    """A time of day, with a group for each part."""
    return (
        rf"(?:(?P<noon{n}>{_NOON_WORDS})|(?P<midnight{n}>{_MIDNIGHT_WORDS})"
        rf"|(?P<hour{n}>\d{{1,2}})(?:[:.h](?P<minute{n}>\d\d)(?::\d\d(?:\.\d+)?)?)?"
        rf"(?:\s?(?P<half{n}>[ap]\.?\s?m\b\.?|y\.?[bph]\b\.?|{_WELSH_HALF})"
        rf"|\s?h(?:ou)?rs?\b|\s?o['’]r gloch\b|(?!(?!Z\b)[\w%/]|[:.]\d)){_NO_DATE}"
        rf"|(?P<four{n}>(?:[01]\d|2[0-4])[0-5]\d)\s?(?:h(?:ou)?rs?\b|h\b))"
    )


_ZONE = (
    r"(?:\s*\(?(?P<zone>Z\b|GMT\b|BST\b|UTC\b|(?:UK|British|London)(?:\s+time)?\b|[+-]\d\d:?\d\d"
    r"|CES?T\b|[ECMP][SD]?T\b|EES?T\b|IST\b|AES?T\b)\)?)?"
)
_TO = r"\s*(?:-|–|—|\bto\b|\buntil\b|\btill?\b|\band\b|\btan\b|\bi\b)\s*"
_HOURS = rf"{_one('1')}(?:{_TO}{_one('2')})?{_ZONE}"
_LEAD = (
    r"(?:[\s,;:|·•@()–—-]|T(?=\d)|\b(?:at|by|before|from|until|no later than|not later than"
    r"|the latest|time|strictly|am|erbyn|between|starting|starts?|doors?|opens?|rhwng|o|hyd"
    r"|tan)\b)*"
)
_AFTER = re.compile(rf"{_LEAD}(?<![\d£]){_HOURS}", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?<![\d:.£/-]){_HOURS}[\s,.):;|·–—-]*"
    r"(?:(?:UK time|sharp|prompt|tonight|today|tomorrow)[\s,]*)?"
    r"(?:(?:on|of|is|ar|nos|this|this coming|next|at the end of|new year['’]s eve|the"
    r"|(?:closing|due) date(?: of)?)[\s,:]+){0,3}\(?$",
    re.IGNORECASE,
)


def after(text: str, start: int, *, limit: int) -> tuple[Hours, int] | None:
    """The times that follow at `start`, before `limit`, and where they end."""
    match = _AFTER.match(text, start, min(limit, start + WINDOW))
    hours = _hours(match) if match else None
    return (hours, match.end()) if match and hours else None


def before(text: str, end: int, *, floor: int) -> tuple[Hours, int] | None:
    """The times that lead to `end`, not before `floor`, and where they begin."""
    head = max(floor, end - WINDOW)
    match = _BEFORE.search(text[head:end])
    hours = _hours(match) if match else None
    return (hours, head + match.start()) if match and hours else None


def of_twelve(hour: int, *, afternoon: bool) -> int:
    """The hour of 24 of one that is written with am or pm."""
    return hour % _NOON + (_NOON if afternoon else 0)


@dataclass(frozen=True, slots=True)
class _Written:
    """A time, the half of the day that is written with it, and whether its minutes are."""

    clock: Clock
    half: str = ""
    is_exact: bool = False
    is_early: bool = False


def _hours(match: re.Match[str]) -> Hours | None:
    """The times of a match. None for bare numbers, and where it may be either half of the day."""
    first, last = _written(match, "1"), _written(match, "2")
    if first is None:
        return None
    zone = match["zone"] or ""
    is_range = last and (first.half or last.half or (first.is_exact and last.is_exact))
    if last is None or not is_range:
        is_known = first.half or (first.is_exact and not first.is_early)
        return Hours(first.clock, None, zone) if is_known else None
    if first.is_early and not (first.half or last.half):
        return None
    return Hours(*_range(first, last), zone)


def _range(first: _Written, last: _Written) -> tuple[Clock, Clock]:
    """Both times, each in the half of the day that the other names: “10–11.30am”, “2pm–4”."""
    start, end = first.clock, last.clock
    if not first.half and last.half in {"am", "pm"}:
        late = Clock(of_twelve(start.hour, afternoon=last.half == "pm"), start.minute)
        return (late if late.minutes < end.minutes else start), end
    is_before = end.minutes <= start.minutes and end.hour < _NOON
    if first.half and not last.half and is_before:
        return start, Clock(end.hour + _NOON, end.minute)
    return start, end


def _written(match: re.Match[str], n: str) -> _Written | None:
    if match[f"noon{n}"]:
        return _Written(Clock(_NOON), "noon")
    if match[f"midnight{n}"]:
        return _Written(Clock(0, ends_day=True), "midnight")
    if four := match[f"four{n}"]:
        return _exact(int(four[:2]), int(four[2:]))
    digits, minute = match[f"hour{n}"] or "", match[f"minute{n}"]
    if not digits:
        return None
    if half := re.sub(r"[\s.]", "", match[f"half{n}"] or "").lower():
        return _halved(
            int(digits),
            int(minute or 0),
            "am" if half in {"am", "yb"} or half.endswith("bore") else "pm",
        )
    written = _exact(int(digits), int(minute or 0), is_exact=bool(minute))
    is_early = len(digits) == 1 and int(digits) in _EARLY
    return replace(written, is_early=is_early) if written else None


def _exact(hour: int, minute: int, *, is_exact: bool = True) -> _Written | None:
    if hour == _DAY and minute == 0:
        return _Written(Clock(0, ends_day=True), is_exact=is_exact)
    is_time = hour < _DAY and minute < 60  # noqa: PLR2004 - a clock
    return _Written(Clock(hour, minute), is_exact=is_exact) if is_time else None


def _halved(hour: int, minute: int, half: str) -> _Written | None:
    """“17.00pm” is five in the afternoon, “12am” the end of the day."""
    if minute > 59 or hour >= _DAY or not hour:  # noqa: PLR2004 - a clock
        return None
    if hour > _NOON:
        return _Written(Clock(hour, minute), half)
    if hour == _NOON and half == "am" and not minute:
        return _Written(Clock(0, ends_day=True), half)
    return _Written(Clock(of_twelve(hour, afternoon=half == "pm"), minute), half)
