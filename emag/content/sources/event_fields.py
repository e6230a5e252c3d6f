"""Reads the date, place and price of an event out of the fields that feeds have for them.

The event modules of RSS (`ev:`) and xCal (`xcal:`), and what the event calendars of content
management systems write into their feeds. A field is known by its local name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from emag.content.when.stamp import as_written

_STARTS = (
    *("startdate", "dtstart", "starttime", "start", "start_date", "startdatetime", "start_time"),
    *("eventstart", "event_start", "eventstartdate", "event_start_date", "eventdate", "event_date"),
    *("localstart", "date_start", "begin", "begins", "starts"),
)
_ENDS = (
    *("enddate", "dtend", "endtime", "end", "end_date", "enddatetime", "end_time", "eventend"),
    *("event_end", "eventenddate", "event_end_date", "localend", "date_end", "ends"),
)
# Where the day and the time stand in fields of their own.
_START_HOURS = (
    "starthour",
    "starttime",
    "start_time",
    "eventstarttime",
    "event_start_time",
    "time",
)
_END_HOURS = ("endhour", "endtime", "end_time", "eventendtime", "event_end_time")
_PLACES = ("location", "venue", "event_venue", "eventlocation", "event_location", "venue_name")
_PRICES = ("cost", "price", "event_cost", "eventcost", "ticket_price", "fee")
_STATUS = ("status", "eventstatus", "event_status")
_ONLINE = ("online", "isonline", "is_online", "virtual")
_YES = {"1", "yes", "true", "online", "virtual"}
_OFF = {"cancelled", "canceled", "postponed", "eventcancelled", "eventpostponed"}
BARE = frozenset(
    name
    for name in (*_STARTS, *_ENDS, *_START_HOURS, *_END_HOURS, *_PLACES, *_PRICES)
    if name not in {"start", "end", "begin", "time", "status", "starts", "ends"}
)


@dataclass(frozen=True, slots=True)
class EventFacts:
    """When, where and for how much. A time without a zone is naive."""

    starts: datetime | None = None
    ends: datetime | None = None
    place: str = ""
    online: bool = False
    price: str = ""
    cancelled: bool = False


def event_fields(more: Mapping[str, str], bare: Mapping[str, str]) -> EventFacts:
    """`more` has the fields of other vocabularies, `bare` those without one."""
    fields = {**bare, **more}
    starts = _time(fields, _STARTS, _START_HOURS)
    if starts is None:
        return EventFacts(place=_first(fields, _PLACES))
    return EventFacts(
        starts=starts,
        ends=_time(fields, _ENDS, _END_HOURS, day=starts),
        place=_first(fields, _PLACES),
        online=_first(fields, _ONLINE).casefold() in _YES,
        price=_price(_first(fields, _PRICES)),
        cancelled=_first(fields, _STATUS).casefold().rpartition("/")[2] in _OFF,
    )


def _time(
    fields: Mapping[str, str],
    days: tuple[str, ...],
    hours: tuple[str, ...],
    *,
    day: datetime | None = None,
) -> datetime | None:
    """A time in one field, or a day and an hour in two. An end may name only its hour."""
    texts = (fields[name] for name in days if name in fields)
    at = next((time for text in texts if (time := as_written(text))), None)
    hour = next((fields[name] for name in hours if ":" in fields.get(name, "")), "")
    if at and (at.hour or at.minute or not hour):
        return at
    if (start := at or day) and hour:
        return as_written(f"{start:%Y-%m-%d} {hour.strip()}") or at
    return None


def _price(text: str) -> str:
    if text.strip(" £$€.0") == "" and any(c.isdigit() for c in text):
        return "Free"
    bare = text.replace(".", "", 1).strip()
    return f"£{text.strip()}" if bare.isdecimal() else text


def _first(fields: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((fields[name] for name in names if fields.get(name)), "")
