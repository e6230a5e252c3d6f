"""Reads the days that a text names, each with the times that stand with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from emag.content.when import clock, day
from emag.content.when.clock import Clock, Hours
from emag.content.when.zone import offset

_OF_NEXT = re.compile(r"\s+(?:on|ar)\s+(?:the\s+)?", re.IGNORECASE)  # “at 10am on” the next day
_LOCAL = {"", "GMT", "UK", "BRITISH", "LONDON"}  # “GMT” is written all year round


@dataclass(frozen=True, slots=True)
class Moment:
    """A day or a range of days, and its times. `start` and `end` are where it stands."""

    first: date
    last: date | None
    hours: Hours | None
    start: int
    end: int
    has_weekday: bool = False


def moments(text: str, *, published: date | None, back: timedelta) -> Iterator[Moment]:
    """All days that a text names, in its order. One that could be several days is left out.

    A day without a year is the first such day from `back` before `published` on.
    """
    written = day.days(text)
    limits = [*(days.start for days in written), len(text)][1:]
    floor = 0
    for days, limit in zip(written, limits, strict=True):
        hours, start, end = _with_hours(text, days, floor, limit)
        floor = end
        if near := days.near(published, back=back):
            yield Moment(*near, hours, start, end, days.has_weekday)


def _with_hours(
    text: str, days: day.WrittenDays, floor: int, limit: int
) -> tuple[Hours | None, int, int]:
    """The times that follow a day or lead to it, and where the whole stands."""
    following = clock.after(text, days.end, limit=limit)
    if following and not _OF_NEXT.fullmatch(text, following[1], limit):
        return following[0], days.start, following[1]
    if leading := clock.before(text, days.start, floor=floor):
        return leading[0], leading[1], days.end
    return None, days.start, days.end


def at(day: date, time: Clock, *, written_zone: str, zone: tzinfo) -> datetime | None:
    """That time in `zone`; None where it is written in another country's zone.

    A time that ends the day is the midnight after it.
    """
    name = written_zone.upper().split(" ")[0]
    try:
        start = day + timedelta(days=1) if time.ends_day else day
        if name in _LOCAL:
            return datetime.combine(start, time.time, zone)
        distance = offset(name) if name in {"BST", "UTC", "Z"} or name[0] in "+-" else None
        if distance is None:
            return None
        return (datetime.combine(start, time.time, UTC) - distance).astimezone(zone)
    except OverflowError:
        return None
