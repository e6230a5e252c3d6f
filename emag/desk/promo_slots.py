"""The places of promos by date: which are free, which are booked, and which ran or missed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlalchemy import Connection

from emag.database import Database
from emag.desk import promo_dates, promos
from emag.desk.promos import ListedPromo
from emag.issues.booking import Spot
from emag.issues.promo import AFTER_LEAD, END, TOP, RunStatus
from emag.settings import Settings

AHEAD = 12  # dates
BACK = timedelta(days=42)


@dataclass(frozen=True, slots=True)
class PromoSlot:
    """A promo in its place on one date."""

    promo: int
    title: str
    kind: str
    status: RunStatus


@dataclass(frozen=True, slots=True)
class SlotDay:
    """One date or one issue. `slots` has the promos by their place; any other place is free.

    `key` names it in a booking. `leaves_on` differs from `day` where the date was moved.
    """

    key: str
    day: date | None
    leaves_on: date | None
    issue: int | None
    is_past: bool
    slots: Mapping[str, PromoSlot]


@dataclass(frozen=True, slots=True)
class SlotCalendar:
    """The places in the order in which an issue prints them, and the dates, soonest first."""

    places: Sequence[str]
    days: Sequence[SlotDay]


def calendar(database: Database, settings: Settings, *, now: datetime) -> SlotCalendar:
    """The places of the next dates, and of those of the last six weeks that had a promo."""
    listed = promos.listing(database, settings, now=now)
    with database.reading() as conn:
        ahead = _ahead(conn, settings, now=now)
        leaving = _leaving(conn, settings, ahead)
    booked = _booked(listed)
    today = now.astimezone(settings.publication.zone).date()
    past = [
        _day(spot, slots, {}, is_past=True)
        for spot, slots in booked.items()
        if spot not in ahead and _is_recent(spot, slots, today)
    ]
    past.sort(key=lambda day: (day.day or today, day.issue or 0))
    days = [_day(spot, booked.get(spot, {}), leaving, is_past=False) for spot in ahead]
    return SlotCalendar(places(settings), [*past, *days])


def places(settings: Settings) -> list[str]:
    """Every place that a promo can have, in the order in which an issue prints them."""
    after = [f"after:{section.name}" for section in settings.sections]
    return [TOP, AFTER_LEAD, *after, END]


def _ahead(conn: Connection, settings: Settings, *, now: datetime) -> list[Spot]:
    spots = islice(promo_dates.ahead(conn, settings, now=now), AHEAD)
    return list(dict.fromkeys(spots))


def _leaving(conn: Connection, settings: Settings, spots: Iterable[Spot]) -> dict[str, str]:
    days = [date.fromisoformat(spot.local_date) for spot in spots if spot.local_date]
    return promo_dates.planned(conn, settings, min(days), max(days)) if days else {}


def _booked(listed: Iterable[ListedPromo]) -> dict[Spot, dict[str, PromoSlot]]:
    booked: dict[Spot, dict[str, PromoSlot]] = {}
    for one in listed:
        for run in one.runs:
            slot = PromoSlot(one.promo.id, one.promo.title, one.promo.kind.value, run.status)
            booked.setdefault(Spot(run.date, run.issue), {})[run.place] = slot
    return booked


def _is_recent(spot: Spot, slots: Mapping[str, PromoSlot], today: date) -> bool:
    """True for what has happened lately, and for what is booked on a date without an issue."""
    is_booked = any(slot.status is RunStatus.BOOKED for slot in slots.values())
    day = date.fromisoformat(spot.local_date) if spot.local_date else None
    return is_booked or (day is not None and day >= today - BACK)


def _day(
    spot: Spot, slots: Mapping[str, PromoSlot], leaving: Mapping[str, str], *, is_past: bool
) -> SlotDay:
    day = date.fromisoformat(spot.local_date) if spot.local_date else None
    leaves = leaving.get(spot.local_date or "")
    return SlotDay(
        key=spot.local_date or (f"{spot.issue}" if spot.issue else ""),
        day=day,
        leaves_on=date.fromisoformat(leaves) if leaves else day,
        issue=spot.issue,
        is_past=is_past,
        slots=slots,
    )
