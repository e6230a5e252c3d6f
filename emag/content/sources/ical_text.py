"""Cuts an iCalendar file (RFC 5545) into its events and time zones, within limits."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from emag.errors import SourceError

MOST_COMPONENTS = 2_000  # events to come that are read; those that are over count for nothing
MOST_ZONES = 50
MOST_LINES = 1_000  # of one event
LONGEST_LINE = 50_000  # characters; a longer one is a file inside the calendar

_FOLD = re.compile(r"\r?\n[ \t]")
_NAME = re.compile(r"[A-Za-z0-9-]+")
_DAY = re.compile(r"[:,/](\d{8})(?:T\d{6}Z?)?")
_DATED = ("DTSTART", "DTEND", "RECURRENCE-ID")
_OF_SPLIT_SERIES = re.compile(r"_R\d{8}(?:T\d{6}Z?)?(?=@)")  # Google's mark of a series' later part


@dataclass(frozen=True, slots=True)
class EventText:
    """One VEVENT as its lines, unfolded, without what is nested in it."""

    lines: tuple[str, ...]

    def values(self, name: str) -> Iterator[str]:
        """The lines of a property."""
        return (line for line in self.lines if property_name(line) == name)

    def value(self, name: str) -> str:
        """The text of a property, as it is written; "" where it is missing."""
        return next((line.partition(":")[2].strip() for line in self.values(name)), "")

    @property
    def repeats(self) -> bool:
        return any(property_name(line) in {"RRULE", "RDATE"} for line in self.lines)

    def last_day(self) -> date | None:
        """The last day that its lines name; None where none can be read."""
        lines = (line for name in _DATED for line in self.values(name))
        days = [day for line in lines for text in _DAY.findall(line) if (day := day_of(text))]
        return max(days, default=None)


@dataclass(frozen=True, slots=True)
class CalendarText:
    """A calendar in pieces. `series` has the events of one name each, `left_out` counts the rest.

    `zone` is the zone that the calendar names for itself.
    """

    zones: tuple[str, ...] = ()
    series: tuple[tuple[EventText, ...], ...] = ()
    left_out: int = 0
    name: str = ""
    zone: str = ""
    is_cancelled: bool = False


@dataclass(slots=True)
class _Cut:
    """What has been cut so far."""

    events: list[EventText] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)


def read(body: bytes, *, today: date) -> CalendarText:
    """Cuts a calendar; what was over before yesterday is passed by. Raises SourceError."""
    text = body.decode("utf-8-sig", "replace").replace("\0", "")
    if not re.match(r"\s*BEGIN:VCALENDAR\b", text, re.IGNORECASE):
        raise SourceError("what is served there is no calendar; give the address of an .ics file")
    if not re.search(r"END:VCALENDAR\s*$", text, re.IGNORECASE):
        raise SourceError("the calendar ends in its middle; it will be tried again later")
    cut = _cut(_FOLD.sub("", text))
    series: dict[str, list[EventText]] = {}
    for event in cut.events:
        series.setdefault(name_of(event), []).append(event)
    to_come = [tuple(events) for events in series.values() if not _is_over(events, today)]
    chosen, left_out = _within(to_come)
    return CalendarText(
        zones=tuple(cut.zones[:MOST_ZONES]),
        series=chosen,
        left_out=left_out,
        name=cut.header.get("X-WR-CALNAME", ""),
        zone=cut.header.get("X-WR-TIMEZONE", ""),
        is_cancelled=cut.header.get("METHOD", "").upper() == "CANCEL",
    )


def property_name(line: str) -> str:
    match = _NAME.match(line)
    return match[0].upper() if match else ""


def day_of(text: str) -> date | None:
    """The day that eight digits name."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def name_of(event: EventText) -> str:
    """What the calendar calls the event, the same for all parts of a series."""
    if uid := event.value("UID"):
        return _OF_SPLIT_SERIES.sub("", uid)
    facts = event.value("SUMMARY") + event.value("DTSTART")
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def _cut(text: str) -> _Cut:
    cut, open_names = _Cut(), list[str]()
    lines: list[str] = []
    for line in text.splitlines():
        name = property_name(line)
        if name == "BEGIN":
            open_names.append(line[6:].strip().upper())
            if len(open_names) == len(("VCALENDAR", "VEVENT")):
                lines = []
        if open_names[1:] == ["VEVENT"] or open_names[1:2] == ["VTIMEZONE"]:
            if len(line) <= LONGEST_LINE and len(lines) < MOST_LINES:
                lines.append(line)
        elif len(open_names) == 1 and name not in {"BEGIN", "END"}:
            cut.header.setdefault(name, line.partition(":")[2].strip())
        if name == "END" and open_names:
            _close(cut, open_names, lines)
    return cut


def _close(cut: _Cut, open_names: list[str], lines: list[str]) -> None:
    path, _ = open_names[1:], open_names.pop()
    if path == ["VEVENT"]:
        cut.events.append(EventText(tuple(lines[1:-1])))
    elif path == ["VTIMEZONE"]:
        cut.zones.append("\r\n".join(lines))


def _is_over(events: list[EventText], today: date) -> bool:
    """True for events that are over for certain, by the days that stand in them."""
    if any(event.repeats and not _has_ended(event, today) for event in events):
        return False
    days = [event.last_day() for event in events]
    return all(day is not None and day < today - timedelta(days=60) for day in days) or all(
        day is not None and day < today - timedelta(days=1) and not event.value("DURATION")
        for day, event in zip(days, events, strict=True)
    )


def _has_ended(event: EventText, today: date) -> bool:
    """True for a series whose rules all have an end that has passed."""
    if next(event.values("RDATE"), None):
        return False
    ends = [re.search(r"UNTIL=(\d{8})", line, re.IGNORECASE) for line in event.values("RRULE")]
    days = [day_of(end[1]) if end else None for end in ends]
    return all(day is not None and day < today - timedelta(days=60) for day in days)


def _within(series: list[tuple[EventText, ...]]) -> tuple[tuple[tuple[EventText, ...], ...], int]:
    """The first series that have room, and how many do not."""
    room = MOST_COMPONENTS
    for number, events in enumerate(series):
        room -= len(events)
        if room < 0:
            return tuple(series[:number]), len(series) - number
    return tuple(series), 0
