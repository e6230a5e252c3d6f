"""Which dates an issue leaves on, and why: rhythm, holidays and the editors' changes."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from emag.settings.times import Slot

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
# A move may carry a date this far: every date near a window is looked at before it is filtered.
MARGIN = timedelta(days=21)
NEAR = timedelta(days=70)
_SATURDAY = 5


class DateStatus(StrEnum):
    PLANNED = "planned"
    MOVED = "moved"  # by an editor
    HOLIDAY = "holiday"  # by the rule for holidays
    SKIPPED = "skipped"
    BEGUN = "done"  # its issue has begun to leave


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What the settings say of dates.

    `holiday` gives the name of a day's holiday, or "". `every` counts weeks from the week of
    `start`. `skipped` holds local dates.
    """

    send: tuple[Slot, ...]
    draft: tuple[Slot, ...]
    zone: ZoneInfo
    every: int = 1
    start: date | None = None
    holiday: Callable[[date], str] = lambda _: ""
    on_holiday: Literal["before", "after", "skip", "send"] = "before"
    skipped: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class DateChange:
    """What an editor decided about one usual date: skip it, move it to `to`, or keep it.

    A date that is kept leaves although the settings would skip it.
    """

    usual: date
    kind: Literal["skip", "move", "keep"]
    by: str
    to: datetime | None = None


@dataclass(frozen=True, slots=True)
class IssueDate:
    """One date of the rhythm. `usual` names it, whatever became of it; times are aware UTC.

    `send` is the usual time where the date is skipped. `draft` is None where none is scheduled;
    `draft_slot` and `draft_usual` name it, however far it was moved.
    """

    usual: date
    slot: Slot
    send: datetime
    draft: datetime | None
    status: DateStatus
    reason: str = ""
    draft_slot: Slot | None = None
    draft_usual: date | None = None

    @property
    def leaves(self) -> bool:
        """True where an issue is to leave on this date."""
        return self.status is not DateStatus.SKIPPED


def dates(
    rhythm: Rhythm, changes: Sequence[DateChange], *, after: datetime, until: datetime
) -> list[IssueDate]:
    """Every date with `after` < send <= `until`, in the order of its send."""
    first = after.astimezone(rhythm.zone).date() - MARGIN
    last = until.astimezone(rhythm.zone).date() + MARGIN
    by_date = {change.usual: change for change in changes}
    usual = {*_usual(rhythm, first, last)}
    for change in changes:  # a date may have been moved here from far away
        if change.to is not None and after - MARGIN < change.to <= until + MARGIN:
            usual |= {*_usual(rhythm, change.usual - WEEK, change.usual)}
    placed = [_place(rhythm, day, slot, by_date.get(day)) for day, slot in sorted(usual, key=_day)]
    placed = _apart(rhythm, placed, by_date)
    entries = [entry for entry in _with_drafts(rhythm, placed) if after < entry.send <= until]
    return sorted(entries, key=lambda entry: (entry.send, entry.usual))


def upcoming(
    rhythm: Rhythm, changes: Sequence[DateChange], moment: datetime, *, within: timedelta
) -> IssueDate | None:
    """The first date after `moment` on which an issue leaves; None where there is none."""
    if not rhythm.send:
        return None
    near = min(NEAR, within)
    for reach in (near, within):  # nearly always it is near, and years are slow to reckon
        entries = dates(rhythm, changes, after=moment, until=moment + reach)
        first = next((entry for entry in entries if entry.leaves), None)
        if first or reach == within:
            return first
    return None


def moments(
    slots: Sequence[Slot], zone: ZoneInfo, *, after: datetime, until: datetime
) -> list[tuple[datetime, Slot, date]]:
    """Every time with `after` < time <= `until`, with its slot and its local date, in order."""
    first, last = after.astimezone(zone).date(), until.astimezone(zone).date()
    days = (first + step * DAY for step in range((last - first).days + 1))
    every = ((at(slot, day, zone), slot, day) for day in days for slot in slots)
    due = [m for m in every if m[1].falls_on(m[2]) and after < m[0] <= until]
    return sorted(due, key=lambda moment: moment[0])


def at(slot: Slot, day: date, zone: ZoneInfo) -> datetime:
    """The moment of a slot on a day, in UTC.

    The local date is what counts, so a night with 23 or 25 hours has exactly one moment: a time
    that the clocks skip falls after the gap, one that comes twice is the first (PEP 495, fold=0).
    """
    return datetime.combine(day, slot.at, tzinfo=zone).astimezone(UTC)


def working_day(day: date, step: timedelta, holiday: Callable[[date], str]) -> date:
    """The nearest day before or after `day` that is Monday to Friday and no holiday."""
    day += step
    while day.weekday() >= _SATURDAY or holiday(day):
        day += step
    return day


def spoken(day: date) -> str:
    """A date as it stands in a sentence: “Friday 3 April”."""
    return f"{day:%A} {day.day} {day:%B}"


def spoken_rhythm(slot: Slot, every: int) -> str:
    """How often a slot comes, in words: “every Friday”, “the first Friday of the month”."""
    name = f"{date(2026, 1, 5) + slot.weekday * DAY:%A}"  # a Monday and the days after it
    if slot.nth:
        return f"the {str(slot).split()[0]} {name} of the month"
    return f"every {name}" if every == 1 else f"every {every} weeks, on {name}"


def _day(usual: tuple[date, Slot]) -> date:
    return usual[0]


def _usual(rhythm: Rhythm, first: date, last: date) -> Iterator[tuple[date, Slot]]:
    """The dates of the rhythm alone, in order: one issue a day, at the day's first time."""
    day = first
    while day <= last:
        if _in_turn(rhythm, day):
            todays = [slot for slot in rhythm.send if slot.falls_on(day)]
            if todays:
                yield day, min(todays, key=lambda slot: slot.at)
        day += DAY


def _in_turn(rhythm: Rhythm, day: date) -> bool:
    """True in the weeks that `every` counts."""
    if rhythm.start is None:
        return True
    if day < rhythm.start:
        return False
    monday = rhythm.start - rhythm.start.weekday() * DAY
    return (day - monday).days // 7 % rhythm.every == 0


def _place(rhythm: Rhythm, day: date, slot: Slot, change: DateChange | None) -> IssueDate:
    """One usual date with what the settings, the holidays and the editors make of it."""
    why = spoken_rhythm(slot, rhythm.every)
    plain = IssueDate(day, slot, at(slot, day, rhythm.zone), None, DateStatus.PLANNED, why)
    if change and change.kind == "skip":
        return replace(plain, status=DateStatus.SKIPPED, reason=f"skipped by {change.by}")
    if change and change.kind == "move" and change.to:
        return _moved(plain, change.to, change.by)
    if day in rhythm.skipped and not change:
        return replace(plain, status=DateStatus.SKIPPED, reason="skipped in emag.toml")
    name = rhythm.holiday(day)
    return _on_holiday(rhythm, plain, name, change) if name else plain


def _moved(plain: IssueDate, to: datetime, by: str) -> IssueDate:
    if to == plain.send:
        return replace(plain, reason=f"set to its usual time by {by}")
    reason = f"moved from {spoken(plain.usual)}, {plain.slot.at:%H:%M}, by {by}"
    return replace(plain, send=to, status=DateStatus.MOVED, reason=reason)


def _on_holiday(
    rhythm: Rhythm, plain: IssueDate, name: str, change: DateChange | None
) -> IssueDate:
    """A date that falls on a holiday, by the publication's rule."""
    if rhythm.on_holiday == "send":
        return replace(plain, reason=f"{name}; the issue leaves all the same")
    if rhythm.on_holiday == "skip":
        return _skipped(rhythm, plain, name, change)
    step = -DAY if rhythm.on_holiday == "before" else DAY
    day = working_day(plain.usual, step, rhythm.holiday)
    reason = f"moved from {spoken(plain.usual)}: {name}"
    send = at(plain.slot, day, rhythm.zone)
    return replace(plain, send=send, status=DateStatus.HOLIDAY, reason=reason)


def _skipped(rhythm: Rhythm, entry: IssueDate, why: str, change: DateChange | None) -> IssueDate:
    """The date at its usual time: skipped, unless an editor keeps it."""
    usual = at(entry.slot, entry.usual, rhythm.zone)
    if change:
        reason = f"{why}; the issue leaves all the same: kept by {change.by}"
        return replace(entry, send=usual, status=DateStatus.PLANNED, reason=reason)
    return replace(entry, send=usual, status=DateStatus.SKIPPED, reason=f"skipped: {why}")


def _apart(
    rhythm: Rhythm, placed: Sequence[IssueDate], changes: Mapping[date, DateChange]
) -> list[IssueDate]:
    """A holiday's date that would leave on a day with an issue of its own is skipped."""
    occupied = {
        _local(rhythm, entry)
        for entry in placed
        if entry.leaves and not _is_moved_by_holiday(entry)
    }
    result = []
    for entry in placed:
        day = _local(rhythm, entry)
        if _is_moved_by_holiday(entry) and day in occupied:
            why = f"{rhythm.holiday(entry.usual)}; {spoken(day)} has its own issue"
            result.append(_skipped(rhythm, entry, why, changes.get(entry.usual)))
        else:
            occupied.add(day)
            result.append(entry)
    return result


def _is_moved_by_holiday(entry: IssueDate) -> bool:
    return entry.status is DateStatus.HOLIDAY


def _local(rhythm: Rhythm, entry: IssueDate) -> date:
    return entry.send.astimezone(rhythm.zone).date()


def _with_drafts(rhythm: Rhythm, placed: Sequence[IssueDate]) -> Iterator[IssueDate]:
    """Each date with its draft: moved as far as the send, never before the previous send.

    A draft belongs to the send that follows it in the rhythm, within a week.
    """
    zone = rhythm.zone
    sends = sorted(entry.send for entry in placed if entry.leaves)
    usual_before: datetime | None = None
    for entry in placed:
        usual = at(entry.slot, entry.usual, zone)
        floor = max(usual - WEEK, usual_before or usual - WEEK)
        usual_before = usual
        draft = _usual_draft(rhythm, floor, usual)
        if draft is None:
            yield entry
            continue
        moment, slot, day = draft
        moved = _shifted(moment, _wall(entry.send, zone) - _wall(usual, zone), zone)
        earlier = sends[: bisect_left(sends, entry.send)][-1:]
        yield replace(entry, draft=max(moved, *earlier, moved), draft_slot=slot, draft_usual=day)


def _usual_draft(
    rhythm: Rhythm, floor: datetime, send: datetime
) -> tuple[datetime, Slot, date] | None:
    """The first draft time from `floor` until a send."""
    tick = timedelta(microseconds=1)
    due = moments(rhythm.draft, rhythm.zone, after=floor - tick, until=send - tick)
    return due[0] if due else None


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    """The local time that a clock on the wall shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _shifted(moment: datetime, distance: timedelta, zone: ZoneInfo) -> datetime:
    return (_wall(moment, zone) + distance).replace(tzinfo=zone).astimezone(UTC)
