"""Where a promo is to run: books its spots, gives them free, and keeps those that stay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Connection

from emag.desk import promo_dates
from emag.issues import acts, booking, state
from emag.issues.act import ActKind
from emag.issues.acts import IssueChange
from emag.issues.booking import BookedRun, Spot
from emag.issues.promo import Promo
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a promo is to run: on dates and in issues (a number or “next”), or `runs` times."""

    on: tuple[date | int | str, ...] = ()
    runs: int | None = None

    @property
    def is_empty(self) -> bool:
        return not self.on and self.runs is None


def wanted_spots(
    conn: Connection, settings: Settings, promo: Promo, wish: Wish, *, now: datetime
) -> list[Spot]:
    """The spots of a wish, each once. With `runs`, the next ones where the place is free."""
    if wish.runs is None:
        return list(dict.fromkeys(_named(conn, settings, wish, now=now)))
    every = promo_dates.ahead(conn, settings, now=now)
    free = (spot for spot in every if booking.is_free(conn, promo, spot))
    return list(islice(free, wish.runs))


def replan(
    conn: Connection,
    settings: Settings,
    promo: Promo,
    runs: Sequence[BookedRun],
    wish: Wish,
    *,
    now: datetime,
    by: str,
) -> list[BookedRun]:
    """Gives free what the wish leaves out, and books what is missing. Returns the runs that stay.

    `runs` are the promo's runs to come. A number of runs counts these, the soonest first.
    """
    named = _named(conn, settings, wish, now=now)
    stay = list(runs[: wish.runs])
    if wish.runs is None:
        stay = [run for run in runs if run.spot in named]
    cancel(conn, (run for run in runs if run not in stay), now=now, by=by)
    booked = {run.spot for run in stay}
    more = [spot for spot in named if spot not in booked]
    if wish.runs is not None:
        rest = Wish(runs=wish.runs - len(stay))
        more = wanted_spots(conn, settings, promo, rest, now=now)
    book(conn, promo, more, now=now, by=by)
    return stay


def book(conn: Connection, promo: Promo, spots: Iterable[Spot], *, now: datetime, by: str) -> None:
    """Books spots; those with an issue as acts of it. Raises WrongMove where a place is taken."""
    for spot in spots:
        if spot.issue is None:
            booking.book(conn, promo, spot)
        else:
            _perform(conn, spot.issue, promo.id, promo.written(), now=now, by=by)


def rewrite(
    conn: Connection, promo: Promo, runs: Iterable[BookedRun], *, now: datetime, by: str
) -> None:
    """Gives runs the promo's text and place of now. Raises WrongMove where the place is taken."""
    for run in runs:
        if run.spot.issue is None:
            booking.move(conn, run, promo)
        else:
            _perform(conn, run.spot.issue, promo.id, promo.written(), now=now, by=by)


def cancel(conn: Connection, runs: Iterable[BookedRun], *, now: datetime, by: str) -> None:
    """Gives the places of runs free."""
    for run in runs:
        if run.spot.issue is None:
            booking.cancel(conn, run)
        else:
            _perform(conn, run.spot.issue, run.promo, None, now=now, by=by)


def _named(conn: Connection, settings: Settings, wish: Wish, *, now: datetime) -> list[Spot]:
    spots = (promo_dates.spot_of(conn, settings, on, now=now) for on in wish.on)
    return list(dict.fromkeys(spots))


def _perform(
    conn: Connection, number: int, promo: int, text: str | None, *, now: datetime, by: str
) -> None:
    change = IssueChange(ActKind.PROMO, state.promo(promo), text)
    acts.perform(conn, number, change, now=now, by=by)
