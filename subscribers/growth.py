"""How the list grew, week by week and by source, reckoned from the consent record alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select
from sqlmodel import col

from subscribers import consent
from subscribers.consent import ConsentAct
from subscribers.dialect import json_text
from subscribers.standing import Standing
from subscribers.tables import Consent, EvidenceRow

UNKNOWN_SOURCE = "unknown"
_BEFORE = -1  # the week of everything that is older than the first week shown
_ACTIVATES = (ConsentAct.CONFIRMED, ConsentAct.IMPORTED, ConsentAct.RETURNED)
_COLUMN_OF = {
    ConsentAct.CONFIRMED: "confirmed",
    ConsentAct.IMPORTED: "imported",
    ConsentAct.RETURNED: "returned",
    ConsentAct.BOUNCED: "bounced",
    ConsentAct.COMPLAINED: "complained",
    ConsentAct.UNDONE: "undone",
}  # every other act that ends a subscription counts as left


@dataclass(frozen=True, slots=True)
class GrowthCounts:
    """What happened to readers. `joined` counts people who signed up; they may not confirm.

    `net` is confirmed, imported and returned less left, bounced, complained and undone: readers
    whose import was undone. `active` are the readers at the end.
    """

    joined: int = 0
    imported: int = 0
    confirmed: int = 0
    returned: int = 0
    left: int = 0
    bounced: int = 0
    complained: int = 0
    undone: int = 0
    net: int = 0
    active: int = 0

    @property
    def gained(self) -> int:
        return self.confirmed + self.imported + self.returned

    @property
    def lost(self) -> int:
        return self.gained - self.net


@dataclass(frozen=True, slots=True)
class ListGrowth:
    """The weeks by their Monday, oldest first, and the sources over all these weeks.

    A reader's source is what they first came by: `form`, `import`, or what the sign-up hook named.
    """

    weeks: Mapping[date, GrowthCounts]
    by_source: Mapping[str, GrowthCounts]


def growth(conn: Connection, *, weeks: int, now: datetime, zone: ZoneInfo) -> ListGrowth:
    """How the list grew in so many weeks, the last of which is the week of `now`."""
    mondays = _mondays(now.astimezone(zone).date(), weeks)
    starts = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in mondays]
    week = _week(col(Consent.at), starts)
    origin = _origin(conn)
    by_week = [GrowthCounts() for _ in mondays]
    by_source: dict[str, GrowthCounts] = {}
    for at, source, act, gained, lost in conn.execute(_changes(week, origin, now)):
        change = _change(ConsentAct(act), gained, lost)
        before = by_source.get(source, GrowthCounts())
        if at == _BEFORE:
            by_source[source] = replace(before, active=before.active + change.net)
            by_week[0] = replace(by_week[0], active=by_week[0].active + change.net)
        else:
            by_source[source] = _sum(before, change)
            by_week[at] = _sum(by_week[at], change)
    for at, source, joined in conn.execute(_sign_ups(week, origin, starts[0], now)):
        by_source[source] = _sum(by_source.get(source, GrowthCounts()), GrowthCounts(joined))
        by_week[at] = _sum(by_week[at], GrowthCounts(joined))
    return ListGrowth(dict(zip(mondays, _running(by_week), strict=True)), _largest_first(by_source))


def _mondays(today: date, weeks: int) -> list[date]:
    this = today - timedelta(days=today.weekday())
    return [this - timedelta(weeks=number) for number in reversed(range(weeks))]


def _week(at: Any, starts: Sequence[datetime]) -> ColumnElement[int]:
    """The number of a moment's week, from 0."""
    newest_first = [(at >= start, number) for number, start in enumerate(starts)][::-1]
    return case(*newest_first, else_=_BEFORE).label("week")


def _is_active(act: Any, how: Any) -> ColumnElement[bool]:
    """Whether an entry leaves its reader active, as `consent.status_after` has it."""
    restored = and_(act == ConsentAct.UNDONE, how == consent.undone_to(Standing.ACTIVE.value))
    return or_(act.in_(_ACTIVATES), restored)


def _changes(week: ColumnElement[int], origin: Any, now: datetime) -> Any:
    """Counts entries that made readers active, or no longer so, by week, source and act."""
    act, how, person = col(Consent.act), col(Consent.how), col(Consent.subscriber)
    order: dict[str, Any] = {"partition_by": person, "order_by": col(Consent.sequence)}
    entries = (
        select(week, person.label("person"), act.label("act"), _is_active(act, how).label("after"))
        .add_columns(
            func.coalesce(
                _is_active(func.lag(act).over(**order), func.lag(how).over(**order)), False
            ).label("before")
        )
        .where(act.in_(consent.DECIDING), person != 0, col(Consent.at) <= now)
        .subquery()
    )
    gained = func.sum(case((and_(entries.c.after, ~entries.c.before), 1), else_=0))
    lost = func.sum(case((and_(entries.c.before, ~entries.c.after), 1), else_=0))
    source = func.coalesce(origin.c.source, UNKNOWN_SOURCE)
    return (
        select(entries.c.week, source, entries.c.act, gained, lost)
        .outerjoin(origin, origin.c.person == entries.c.person)
        .where(entries.c.after != entries.c.before)
        .group_by(entries.c.week, source, entries.c.act)
    )


def _sign_ups(week: ColumnElement[int], origin: Any, start: datetime, now: datetime) -> Any:
    """Counts the people who signed up, by week and source."""
    person, at = col(Consent.subscriber), col(Consent.at)
    source = func.coalesce(origin.c.source, UNKNOWN_SOURCE)
    return (
        select(week, source, func.count(person.distinct()))
        .outerjoin(origin, origin.c.person == person)
        .where(col(Consent.act) == ConsentAct.SIGNED_UP, at >= start, at <= now)
        .group_by(week, source)
    )


def _origin(conn: Connection) -> Any:
    """What each reader first came by. The hook's own name for it is erased with the person."""
    came = (ConsentAct.SIGNED_UP, ConsentAct.IMPORTED)
    first = (
        select(func.min(col(Consent.sequence)).label("sequence"))
        .where(col(Consent.act).in_(came), col(Consent.subscriber) != 0)
        .group_by(col(Consent.subscriber))
        .subquery()
    )
    how = col(Consent.how)
    named = func.nullif(json_text(conn, col(EvidenceRow.body), "source"), "")
    is_hook = col(EvidenceRow.sequence) == col(Consent.sequence)
    return (
        select(
            col(Consent.subscriber).label("person"),
            case((how == "hook", func.coalesce(named, how)), else_=how).label("source"),
        )
        .join(first, first.c.sequence == col(Consent.sequence))
        .outerjoin(EvidenceRow, and_(is_hook, how == "hook"))
        .subquery()
    )


def _change(act: ConsentAct, gained: int, lost: int) -> GrowthCounts:
    net = gained - lost
    column = _COLUMN_OF.get(act, "left")
    count = gained if act in _ACTIVATES else -net
    return replace(GrowthCounts(net=net, active=net), **{column: count})


def _sum(one: GrowthCounts, other: GrowthCounts) -> GrowthCounts:
    names = GrowthCounts.__slots__
    return GrowthCounts(*(getattr(one, name) + getattr(other, name) for name in names))


def _running(weeks: Sequence[GrowthCounts]) -> list[GrowthCounts]:
    """The weeks with the active readers at the end of each."""
    active, result = 0, []
    for week in weeks:
        active += week.active
        result.append(replace(week, active=active))
    return result


def _largest_first(by_source: Mapping[str, GrowthCounts]) -> dict[str, GrowthCounts]:
    return dict(sorted(by_source.items(), key=lambda entry: (-entry[1].active, entry[0])))
