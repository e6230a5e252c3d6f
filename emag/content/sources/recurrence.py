"""Reckons when an event of a calendar takes place next, in bounded time.

icalendar and recurring-ical-events do the reckoning. What they would do for minutes is bounded
first: a rule that repeats within the day is refused, one that began long ago is moved forward.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from threading import Lock
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from icalendar.timezone import tzp

from emag.content.events import event
from emag.content.left_out import LeftOut
from emag.content.sources.entry import Unusable
from emag.content.sources.ical_rule import bounded
from emag.content.sources.ical_text import CalendarText, EventText

HORIZON = timedelta(days=366)
BUDGET = 5.0  # seconds for one calendar
_WINDOWS = (timedelta(), timedelta(days=8), timedelta(days=40), HORIZON)
_HEAD, _FOOT = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-\r\n", "\r\nEND:VCALENDAR\r\n"
_FLOATING = re.compile(
    r"^(DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)((?:;(?!TZID=)[^:;]+)*):(\d{8}T\d{6}(?:,\d{8}T\d{6})*)$",
    re.IGNORECASE,
)

# icalendar keeps the time zones that calendars define by their names, for the whole process.
_ZONES_OF_ONE = Lock()


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence: its component, and its times in UTC. All-day ones last from day to day."""

    component: Any
    starts: datetime
    ends: datetime | None
    is_cancelled: bool

    def is_over(self, now: datetime, zone: tzinfo) -> bool:
        """True where its end, or the day of its start where it has none, has passed."""
        return event.is_over(self.starts, self.ends, at=now, zone=zone)


@dataclass(slots=True)
class Reckoner:
    """Reckons the events of one calendar. `zone` is the publication's."""

    calendar: CalendarText
    now: datetime
    zone: ZoneInfo
    _until: float = field(default_factory=lambda: monotonic() + BUDGET)

    def all(self) -> list[tuple[tuple[EventText, ...], Occurrence | Unusable | None]]:
        """Each series with its next occurrence; None for one that is over or far away."""
        with _ZONES_OF_ONE:
            tzp.use_default()
            self._define_zones()
            results = [(events, self._next(events)) for events in self.calendar.series]
            tzp.use_default()
        return results

    def _define_zones(self) -> None:
        for text in self.calendar.zones:
            rules = re.findall(r"^RRULE:(.*)$", text, re.MULTILINE | re.IGNORECASE)
            if all(re.search(r"FREQ=YEARLY\b", rule, re.IGNORECASE) for rule in rules):
                try:
                    icalendar.Calendar.from_ical(_HEAD + text + _FOOT)
                except Exception:  # noqa: BLE001, S112 - events in such a zone are refused later
                    continue

    def _next(self, events: Sequence[EventText]) -> Occurrence | Unusable | None:
        if monotonic() > self._until:
            return Unusable(
                "the calendar takes too long to reckon, so its last events were left out"
            )
        try:
            return self._reckoned(events)
        except Unusable as reason:
            return reason
        except Exception:  # noqa: BLE001 - one event's fault must not cost the others
            title = events[0].value("SUMMARY")[:80]
            return Unusable(f"the event “{title}” cannot be read: correct its dates")

    def _reckoned(self, events: Sequence[EventText]) -> Occurrence | None:
        texts = (bounded(event, today=self.now.date()) for event in events)
        body = "\r\n".join(f"BEGIN:VEVENT\r\n{self._lines(text)}\r\nEND:VEVENT" for text in texts)
        calendar = icalendar.Calendar.from_ical(_HEAD + body + _FOOT)
        _refuse_unknown_zones(calendar)
        query = recurring_ical_events.of(calendar)
        cancelled = None
        for start, stop in pairwise(_WINDOWS):
            for occurrence in self._between(query, self.now + start, self.now + stop):
                if not occurrence.is_cancelled:
                    return occurrence
                cancelled = cancelled or occurrence
        return cancelled

    def _lines(self, event: EventText) -> str:
        """The lines, with the zone that a floating time means, and a name for the series."""
        key = self._key()
        lines = [line for line in event.lines if not line.upper().startswith("UID")]
        return "\r\n".join(["UID:1", *(_FLOATING.sub(rf"\1\2;TZID={key}:\3", x) for x in lines)])

    def _key(self) -> str:
        try:
            return ZoneInfo(self.calendar.zone).key if self.calendar.zone else self.zone.key
        except (OSError, ValueError, KeyError):  # the last one is “no such zone”
            return self.zone.key

    def _between(self, query: Any, start: datetime, stop: datetime) -> list[Occurrence]:
        components = query.between(start - timedelta(days=1), stop)
        occurrences = [self._occurrence(component) for component in components]
        to_come = (o for o in occurrences if not o.is_over(self.now, self.zone))
        near = (o for o in to_come if o.starts <= self.now + HORIZON)
        return sorted(near, key=lambda o: (o.starts < self.now, o.starts))

    def _occurrence(self, component: Any) -> Occurrence:
        start = component["DTSTART"].dt
        end = component["DTEND"].dt if "DTEND" in component else None
        starts = self._utc(start)
        if isinstance(end, date) and not isinstance(end, datetime):
            end -= timedelta(days=1)  # the end of an all-day event is the day after it
        ends = self._utc(end) if isinstance(end, date) else None
        is_off = str(component.get("STATUS", "")).upper() == "CANCELLED"
        return Occurrence(
            component,
            starts,
            ends if ends and ends > starts else None,
            is_off or self.calendar.is_cancelled,
        )

    def _utc(self, at: date) -> datetime:
        if not isinstance(at, datetime):
            at = datetime.combine(at, time())
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)


def _refuse_unknown_zones(calendar: Any) -> None:
    """Raises Unusable for a time in a zone that nobody defines."""
    for component in calendar.walk("VEVENT"):
        for name in ("DTSTART", "DTEND"):
            value = component.get(name)
            zone = value.params.get("TZID") if value is not None else None
            if zone and isinstance(value.dt, datetime) and value.dt.tzinfo is None:
                raise Unusable(
                    f"an event is in the time zone “{str(zone)[:60]}”, which is not known",
                    LeftOut.ZONE,
                )
        if component.get("DTSTART") is None:
            title = str(component.get("SUMMARY", ""))[:80]
            raise Unusable(f"the event “{title}” has no date", LeftOut.DATE)
