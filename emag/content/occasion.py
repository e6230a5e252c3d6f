"""Finds the day, the time and the place of an event in what a post says of it.

A day without a year is the one nearest to the day of publication. A weekday that contradicts its
date, and a date that is a deadline, make no event: a missing date is better than a wrong one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from emag.content import hours
from emag.content.hours import Clock
from emag.content.venue import venue

LONGEST_TEXT = 20_000  # characters; the day of an event stands at the start of its post
LONGEST_LINE = 600
BEFORE, AFTER = timedelta(days=90), timedelta(days=275)  # of a day without a year
LONGEST_EVENT = timedelta(days=400)

_MONTHS = (
    *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    *("ion", "chw", "maw", "ebr", "mai", "meh", "gor", "aws", "med", "hyd", "tac", "rha"),
)
_WEEKDAYS = (
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("llu", "maw", "mer", "iau", "gwe", "sad", "sul"),
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|ionawr|chwefror|mawrth|ebrill|mai"
    r"|mehefin|gorffennaf|awst|medi|hydref|tachwedd|rhagfyr)\b\.?"
)
_WEEKDAY = (
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
    r"|(?:dydd|nos)\s+(?:llun|fawrth|mawrth|mercher|iau|gwener|sadwrn|sul)"
)
_TO = r"\s*(?:-|–|—|\bto\b|\band\b|\buntil\b|\btill?\b|&|\bi\b)\s*"


def _date(n: int, *, american: bool = False) -> str:
    day = rf"(?P<day{n}>\d{{1,2}})(?:st|nd|rd|th|af|ail|ydd|fed|eg|ain)?(?![\d:.]\d|\s?[ap]m)"
    month = rf"(?P<month{n}>{_MONTH})"
    year = rf"(?:,?\s+(?P<year{n}>20\d\d)\b)?"
    weekday = rf"(?:\b(?P<weekday{n}>{_WEEKDAY}),?\s+(?:the\s+)?)?"
    if american:
        return rf"{weekday}\b{month}\s+{day}{year}"
    return rf"{weekday}\b{day}\s+(?:of\s+)?{month}{year}"


_SAME_MONTH = rf"(?:\b(?P<weekday3>{_WEEKDAY})\s+)?\b(?P<day3>\d{{1,2}})(?:st|nd|rd|th)?{_TO}"
_LAST_DAY = (
    rf"(?:{_TO}(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.]|\s?[ap]m)"
    rf"(?:,?\s+(?P<year2>20\d\d)\b)?)?"
)
_DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_date(1)}{_TO}{_date(2)}",
        rf"{_SAME_MONTH}{_date(1)}",
        _date(1),
        _date(1, american=True) + _LAST_DAY,
    )
]

_LEAD = re.compile(
    r"(?:[\s,;:|·•@(–—-]|\b(?:from|at|between|starting|starts?|doors?|open|opens|rhwng|am|o)\b)*",
    re.IGNORECASE,
)
_BEFORE_DATE = re.compile(
    rf"(?P<time>{hours.TIME.pattern})[\s,|·–-]*(?:on\s+|ar\s+)?$", re.IGNORECASE
)
_LABEL = re.compile(
    r"^\W*(?:when|dates?(?:\s*(?:and|&|/)\s*times?)?|day|pryd|dyddiad)\s*[:–-]\s*", re.IGNORECASE
)
_TIME_LABEL = re.compile(r"^\W*(?:times?|amser|starts?)\s*[:–-]\s*", re.IGNORECASE)
_PLACE_LABEL = re.compile(
    r"^\W*(?:where|venue|location|place|address|lleoliad|ble)\s*[:–-]\s*(?P<place>\S.*)$",
    re.IGNORECASE,
)
_DEADLINE = re.compile(
    r"\b(?:by|before|until|till|since|deadline|clos(?:es?|ing)|ends?|expires?|due|rsvp|published"
    r"|posted|updated|after|last|previous|cyn|erbyn)\b[\s\w]{0,18}\W*$",
    re.IGNORECASE,
)
_AT = re.compile(r"^[\s.)]*(?:[,;|·•@–—-]|\b(?:at|in|yn|ym)\b)+\s*(?:the\s+(?=[A-Z]))?")
_END = re.compile(r"\s[–—|·•(]|[;|(\n]|(?<=[a-z)\d])[.!?](?:\s|$)|https?://")
_NOT_PLACES = re.compile(
    r"(?:book|join|register|sign|find|read|come|tickets?|free|click|see|save|we|you|it|this|that"
    r"|please|all|everyone|with|how|why|what|who|when|and|doors?|here|there|our|for|cost|price"
    r"|\d{1,2}(?:[:.]\d\d)?\s?[ap]m|more|details|rsvp|email|call|contact|speakers?|members|mae"
    r"|am ddim)\b|[£€$]|\d+\W*$",
    re.IGNORECASE,
)
_LONGEST_PLACE = 90


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where, in local time. Midnight stands for a day without a time."""

    starts: datetime
    ends: datetime | None = None
    place: str = ""
    online: bool = False


@dataclass(frozen=True, slots=True)
class _DateMention:
    weight: int
    first: date
    last: date | None
    line: int
    tail: str
    head: str


def find(title: str, text: str, *, published: date | None) -> Occasion | None:
    """The occasion that a post announces; None where it names no day plainly."""
    lines = [title, *text[:LONGEST_TEXT].split("\n")]
    lines = [" ".join(line[:LONGEST_LINE].split()) for line in lines]
    mentions = [m for n, line in enumerate(lines) for m in _mentions(n, line, published)]
    if not mentions:
        return None
    mention = max(mentions, key=lambda m: m.weight)  # the first of equal ones
    clock, rest = _clock_of(mention, lines)
    starts = datetime.combine(mention.first, clock[0] if clock else time())
    place = _labelled_place(lines) or _place(rest)
    where = venue(place)
    return Occasion(starts, _ends(mention, starts, clock), where.place, where.online)


def _mentions(number: int, line: str, published: date | None) -> Iterator[_DateMention]:
    """The dates of a line that are not deadlines, each with how plainly it is one of an event."""
    end = 0
    while match := _first_date(line, end):
        end = match.end()
        head, tail = line[: match.start()], line[match.end() :]
        days = _days(match, published)
        label = _LABEL.match(line)
        if days is None or (not label and _DEADLINE.search(head[-60:])):
            continue
        has_time = bool(_time_at(tail) or _BEFORE_DATE.search(head[-60:]))
        parts = match.groupdict()
        is_named = bool(parts.get("weekday1") or parts.get("weekday3"))
        weight = 8 * bool(label) + 4 * (number == 0) + 2 * has_time + (is_named or bool(days[1]))
        if weight:
            yield _DateMention(weight, *days, number, tail, head)


def _first_date(line: str, start: int) -> re.Match[str] | None:
    """The next date of a line; a longer one beats a shorter one at the same place."""
    matches = [m for pattern in _DATES if (m := pattern.search(line, start))]
    return min(matches, key=lambda m: (m.start(), -m.end())) if matches else None


def _days(match: re.Match[str], published: date | None) -> tuple[date, date | None] | None:
    """The first and the last day; None for what is on no calendar or contradicts its weekday."""
    parts = match.groupdict()
    year = parts.get("year1") or parts.get("year2")
    first = _day(parts, "1", parts["month1"] or "", year, published)
    if first is None:
        return None
    if parts.get("day3"):  # “3–5 December”: the month stands with the last day
        before = _day(parts, "3", parts["month1"] or "", str(first.year), published)
        return (before, first) if before and before < first else None
    if not parts.get("day2"):
        return first, None
    month = parts.get("month2") or parts["month1"] or ""
    last = _day(parts, "2", month, parts.get("year2"), published or first, after=first)
    return (first, last) if last else None


def _day(
    parts: dict[str, str | None],
    n: str,
    month: str,
    year: str | None,
    near: date | None,
    *,
    after: date | None = None,
) -> date | None:
    years = [int(year)] if year else [near.year + step for step in (-1, 0, 1)] if near else []
    for candidate in years:
        try:
            day = date(candidate, _month(month), int(parts[f"day{n}"] or 0))
        except ValueError:
            continue
        if after and not timedelta() < day - after <= LONGEST_EVENT:
            continue
        if not year and not after and near and not -BEFORE <= day - near <= AFTER:
            continue
        weekday = parts.get(f"weekday{n}")
        if not weekday or _WEEKDAYS.index(_weekday(weekday)) % 7 == day.weekday():
            return day
    return None


def _month(name: str) -> int:
    return _MONTHS.index(name.lower()[:3]) % 12 + 1


def _weekday(name: str) -> str:
    last = name.lower().split()[-1][:3]
    return "maw" if last == "faw" else last


def _clock_of(mention: _DateMention, lines: list[str]) -> tuple[Clock | None, str]:
    """The times that stand with a date, and what follows them."""
    if at := _time_at(mention.tail):
        return at
    if before := _BEFORE_DATE.search(mention.head[-60:]):
        match = hours.TIME.fullmatch(before["time"].strip())
        if match and (clock := hours.clock(match)):
            return clock, mention.tail
    for line in lines[mention.line + 1 :][:5]:
        label = _TIME_LABEL.match(line)
        if label and (at := _time_at(line[label.end() :])):
            return at[0], mention.tail
    return None, mention.tail


def _time_at(tail: str) -> tuple[Clock, str] | None:
    """The time at the start of a text, and what follows it."""
    lead = _LEAD.match(tail)
    start = lead.end() if lead else 0
    match = hours.TIME.match(tail, start)
    clock = hours.clock(match) if match else None
    return (clock, tail[match.end() :]) if match and clock else None


def _ends(mention: _DateMention, starts: datetime, clock: Clock | None) -> datetime | None:
    last = clock[1] if clock else None
    if last is None:
        return datetime.combine(mention.last, time()) if mention.last else None
    ends = datetime.combine(mention.last or mention.first, last)
    return ends if ends > starts else ends + timedelta(days=1)


def _labelled_place(lines: list[str]) -> str:
    for line in lines:
        if match := _PLACE_LABEL.match(line):
            return match["place"].strip(" .")[:_LONGEST_PLACE]
    return ""


def _place(rest: str) -> str:
    """The place that follows a date and time, up to the end of its clause."""
    lead = _AT.match(rest)
    if not lead:
        return ""
    clause = _END.split(rest[lead.end() :], maxsplit=1)[0].strip(" ,.:–-")
    is_name = bool(clause) and (clause[0].isupper() or clause[0].isdigit() or _is_online(clause))
    if not is_name or len(clause) > _LONGEST_PLACE or _NOT_PLACES.match(clause):
        return ""
    return clause


def _is_online(clause: str) -> bool:
    return venue(clause).online
