"""Reads the dates of a publication: its settings, and what its editors changed."""

from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, func, insert, or_, select

from emag.dates import calendar
from emag.dates.calendar import MARGIN, DateChange, IssueDate, Rhythm
from emag.dates.tables import DATE_CHANGES
from emag.settings import Settings
from emag.settings.holidays import names

AHEAD = timedelta(days=3 * 366)  # how far ahead a next date is looked for
_DAY = timedelta(days=1)


def rhythm(settings: Settings) -> Rhythm:
    """What the settings say of dates."""
    schedule = settings.schedule
    return Rhythm(
        schedule.send,
        schedule.draft,
        settings.publication.zone,
        every=schedule.every,
        start=schedule.start,
        holiday=names(schedule.holidays),
        on_holiday=schedule.on_holiday,
        skipped=frozenset(schedule.skip),
    )


def between(
    conn: Connection, settings: Settings, *, after: datetime, until: datetime
) -> list[IssueDate]:
    """Every date, skipped ones too, with `after` < send <= `until`, in the order of its send."""
    changes = _changes(conn, settings, after - 2 * MARGIN)
    return calendar.dates(rhythm(settings), changes, after=after, until=until)


def upcoming(conn: Connection, settings: Settings, moment: datetime) -> IssueDate | None:
    """The first date after `moment` on which an issue leaves; None where there is none."""
    changes = _changes(conn, settings, moment - 2 * MARGIN)
    return calendar.upcoming(rhythm(settings), changes, moment, within=AHEAD)


def of_day(conn: Connection, settings: Settings, day: date) -> IssueDate | None:
    """The date whose usual day `day` is, or else the one that was moved to this day."""
    zone = settings.publication.zone
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    after, until = midnight - MARGIN, midnight + MARGIN
    moved = _newest(conn, day)
    if moved and moved.to:
        after, until = min(after, moved.to - _DAY), max(until, moved.to)
    entries = between(conn, settings, after=after, until=until)
    usual = [entry for entry in entries if entry.usual == day]
    effective = [entry for entry in entries if entry.send.astimezone(zone).date() == day]
    return next(iter(usual + effective), None)


def leaving(conn: Connection, settings: Settings, first: date, last: date) -> dict[date, datetime]:
    """When the issues of the usual days from `first` to `last` leave; skipped days are left out."""
    zone = settings.publication.zone
    after = datetime(first.year, first.month, first.day, tzinfo=zone) - MARGIN
    until = datetime(last.year, last.month, last.day, tzinfo=zone) + MARGIN
    moved = [c.to for c in _changes(conn, settings, after) if c.to and first <= c.usual <= last]
    until = max([until, *moved])
    entries = between(conn, settings, after=min([after, *(to - _DAY for to in moved)]), until=until)
    return {e.usual: e.send for e in entries if e.leaves and first <= e.usual <= last}


def record(conn: Connection, change: DateChange, *, now: datetime) -> None:
    """Writes what an editor decided about a date. Earlier decisions stay on record."""
    row = {"usual": change.usual.isoformat(), "kind": change.kind, "to": change.to}
    conn.execute(insert(DATE_CHANGES).values(by=change.by, at=now, **row))


def _changes(conn: Connection, settings: Settings, since: datetime) -> list[DateChange]:
    """The newest change of each date that is later than `since`, or was moved there."""
    first = since.astimezone(settings.publication.zone).date().isoformat()
    newest = select(func.max(DATE_CHANGES.c.id)).group_by(DATE_CHANGES.c.usual)
    in_time = or_(DATE_CHANGES.c.usual >= first, DATE_CHANGES.c.to >= since)
    rows = conn.execute(_SELECT.where(DATE_CHANGES.c.id.in_(newest), in_time))
    return [_change(*row) for row in rows]


def _newest(conn: Connection, day: date) -> DateChange | None:
    query = _SELECT.where(DATE_CHANGES.c.usual == day.isoformat())
    row = conn.execute(query.order_by(DATE_CHANGES.c.id.desc()).limit(1)).first()
    return _change(*row) if row else None


def _change(
    usual: str, kind: Literal["skip", "move", "keep"], by: str, to: datetime | None
) -> DateChange:
    return DateChange(date.fromisoformat(usual), kind, by, to)


_SELECT = select(DATE_CHANGES.c.usual, DATE_CHANGES.c.kind, DATE_CHANGES.c.by, DATE_CHANGES.c.to)
