"""How the list grew, week by week and by source, reckoned from the consent record alone."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select

from subscribers import anchor, consent
from subscribers.consent import ConsentAct
from subscribers.dialect import json_text
from subscribers.standing import Standing
from subscribers.tables import CONSENTS, EVIDENCE

HOOK = "hook"  # the evidence names the form that posted to it
_QUICK = 0.05  # seconds: so quick an answer is never kept longer than it is right
_REST = 50  # times as long as an answer took, it may be given again
_BEFORE = -1  # the week of everything that is older than the first week shown
_ACTIVATES = (ConsentAct.CONFIRMED, ConsentAct.IMPORTED, ConsentAct.RETURNED)
_COUNTED = {*consent.DECIDING, ConsentAct.SIGNED_UP}
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
    That name is erased with the person.
    """

    weeks: Mapping[date, GrowthCounts]
    by_source: Mapping[str, GrowthCounts]


class GrowthCache:
    """Keeps the newest answer, which takes half a second with 100,000 readers.

    It is reckoned again when the consent record has grown, but for at most a fiftieth of the time:
    with a large list it may be some seconds old. Safe from several threads.
    """

    def __init__(self) -> None:
        self._newest: tuple[object, int, float, ListGrowth] | None = None

    def growth(self, conn: Connection, *, weeks: int, now: datetime, zone: ZoneInfo) -> ListGrowth:
        """The answer of `growth`, or one that is good enough."""
        kind = (weeks, zone.key, _mondays(now.astimezone(zone).date(), 1))
        end = anchor.end_of_chain(conn).sequence
        newest, began = self._newest, time.monotonic()
        if newest and newest[0] == kind and (newest[1] == end or began < newest[2]):
            return newest[3]
        answer = growth(conn, weeks=weeks, now=now, zone=zone)
        ended = time.monotonic()
        duration = ended - began
        rest = duration * _REST if duration > _QUICK else 0
        self._newest = (kind, end, ended + rest, answer)
        return answer


def growth(conn: Connection, *, weeks: int, now: datetime, zone: ZoneInfo) -> ListGrowth:
    """How the list grew in so many weeks, the last of which is the week of `now`."""
    mondays = _mondays(now.astimezone(zone).date(), weeks)
    starts = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in mondays]
    week = _week(CONSENTS.c.at, starts)
    by_week = [GrowthCounts() for _ in mondays]
    by_source: dict[str, GrowthCounts] = {}
    for at, source, act, people, gained, lost in conn.execute(_changes(conn, week, now)):
        change = _change(ConsentAct(act), people, gained, lost)
        before = by_source.get(source, GrowthCounts())
        if at == _BEFORE:
            by_source[source] = replace(before, active=before.active + change.net)
            by_week[0] = replace(by_week[0], active=by_week[0].active + change.net)
        else:
            by_source[source] = _sum(before, change)
            by_week[at] = _sum(by_week[at], change)
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


def _changes(conn: Connection, week: ColumnElement[int], now: datetime) -> Any:
    """Counts people who signed up, and entries that made readers active or no longer so.

    By week, source and act. One pass over the record: a join with itself would take minutes.
    """
    entries = _entries(week, now).subquery()
    columns = entries.c
    named = func.nullif(json_text(conn, EVIDENCE.c.body, "source"), "")
    source = case((columns.first_how == HOOK, func.coalesce(named, HOOK)), else_=columns.first_how)
    evidence = and_(EVIDENCE.c.sequence == columns.first, columns.first_how == HOOK)
    gained = func.sum(case((and_(columns.after, ~columns.before), 1), else_=0))
    lost = func.sum(case((and_(columns.before, ~columns.after), 1), else_=0))
    people = func.count(columns.person.distinct())
    is_sign_up = columns.act == ConsentAct.SIGNED_UP
    return (
        select(columns.week, source, columns.act, people, gained, lost)
        .outerjoin(EVIDENCE, evidence)
        .where(or_(is_sign_up, columns.after != columns.before))
        .group_by(columns.week, source, columns.act)
    )


def _entries(week: ColumnElement[int], now: datetime) -> Any:
    """Each entry with the reader's state before and after it, and with their first entry."""
    act, how, person = CONSENTS.c.act, CONSENTS.c.how, CONSENTS.c.subscriber
    sequence = CONSENTS.c.sequence
    order: dict[str, Any] = {"partition_by": person, "order_by": sequence}
    before = _is_active(func.lag(act).over(**order), func.lag(how).over(**order))
    return select(
        week,
        person.label("person"),
        act.label("act"),
        func.first_value(sequence).over(**order).label("first"),
        func.first_value(how).over(**order).label("first_how"),
        _is_active(act, how).label("after"),
        func.coalesce(before, False).label("before"),
    ).where(act.in_(_COUNTED), person != 0, CONSENTS.c.at <= now)


def _change(act: ConsentAct, people: int, gained: int, lost: int) -> GrowthCounts:
    if act is ConsentAct.SIGNED_UP:
        return GrowthCounts(joined=people)
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
