"""The weekly times when an issue is due, and the local dates that name them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """One weekly time on one date. `at` is aware UTC; `local_date` is ISO, in the zone."""

    at: datetime
    slot: str
    local_date: str


def on(slot: str, day: date, zone: ZoneInfo) -> Moment:
    """The moment of `slot` on `day`.

    There is exactly one on each local date, also when the clocks change: a time that they skip is
    after the gap, and of a time that comes twice the first counts (PEP 495, fold=0).
    """
    clock = time.fromisoformat(slot.split()[1])
    at = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    return Moment(at, slot, day.isoformat())


def between(
    slots: Sequence[str], zone: ZoneInfo, after: datetime, until: datetime
) -> Iterator[Moment]:
    """Every moment with `after` < moment <= `until`, in order of time."""
    day, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        name = WEEKDAYS[day.weekday()]
        todays = {on(slot, day, zone) for slot in slots if slot.split()[0] == name}
        yield from sorted(moment for moment in todays if after < moment.at <= until)
        day += timedelta(days=1)


def following(slots: Sequence[str], zone: ZoneInfo, moment: datetime) -> Moment | None:
    """The first moment after `moment`; None where nothing is scheduled."""
    return next(between(slots, zone, moment, moment + WEEK + timedelta(days=1)), None)


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """The time in words: “Friday 6 March at 07:30”."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"
