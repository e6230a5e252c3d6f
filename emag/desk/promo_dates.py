"""The dates and issues that a promo can be booked for, and whether an issue is planned then."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import repeat

from sqlalchemy import Connection

from emag.dates.store import AHEAD, between, leaving, of_day
from emag.errors import WrongMove
from emag.issues import store
from emag.issues.booking import Spot
from emag.issues.issue import UNSENT, Issue, Status, spoken
from emag.settings import Settings

_OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED)


def spot_of(conn: Connection, settings: Settings, on: date | int | str, *, now: datetime) -> Spot:
    """The spot of a date, or of an issue by its number or “next”.

    A date that was moved may be named by its usual day or by the new one.

    Raises NotFound for an issue that does not exist, WrongMove for one that has begun to leave or
    was given up, and for a date that has passed.
    """
    if not isinstance(on, date):
        return _spot(_open(store.get(conn, on)))
    entry = of_day(conn, settings, on)
    usual = (entry.usual if entry else on).isoformat()
    issue = store.live(conn, usual)
    if issue is not None:
        return _spot(_open(issue))
    leaves_on = entry.send.astimezone(settings.publication.zone).date() if entry else on
    if leaves_on < now.astimezone(settings.publication.zone).date():
        raise WrongMove(f"{on.isoformat()} has passed: choose a date to come.")
    return Spot(usual)


def ahead(conn: Connection, settings: Settings, *, now: datetime) -> Iterator[Spot]:
    """Every spot with a date to come, soonest first: the open issues, then the schedule's dates.

    Without a schedule, what follows the open issues is the next issue, again and again.
    """
    opened = sorted(store.listing(conn, *_OPEN), key=lambda issue: issue.send_at or now)
    yield from (spot for spot in map(_spot, opened) if spot.local_date)
    if not settings.schedule.send:
        yield from repeat(Spot())
    for entry in between(conn, settings, after=now, until=now + AHEAD):
        day = entry.usual.isoformat()
        if entry.leaves and store.live(conn, day) is None:
            yield Spot(day)


def planned(conn: Connection, settings: Settings, first: date, last: date) -> dict[str, str]:
    """The usual days from `first` to `last` that have an issue, and the day on which it leaves."""
    zone = settings.publication.zone
    sends = leaving(conn, settings, first, last)
    return {
        usual.isoformat(): send.astimezone(zone).date().isoformat() for usual, send in sends.items()
    }


def _open(issue: Issue) -> Issue:
    if issue.status in UNSENT:
        return issue
    raise WrongMove(
        f"Issue {issue.number} is {spoken(issue.status)}: choose a date or an issue to come."
    )


def _spot(issue: Issue) -> Spot:
    return Spot(None if issue.is_special else issue.local_date, issue.number)
