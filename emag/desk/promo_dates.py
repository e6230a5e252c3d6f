"""The dates and issues that a promo can be booked for, and whether an issue is planned then."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import repeat

from sqlalchemy import Connection

from emag.errors import WrongMove
from emag.issues import store
from emag.issues.booking import Spot
from emag.issues.issue import UNSENT, Issue, Status, spoken
from emag.issues.period import between
from emag.settings import Settings

YEARS = timedelta(days=3 * 365)  # how far ahead dates are looked for
_OPEN = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED)
_DAY = timedelta(days=1)


def spot_of(conn: Connection, settings: Settings, on: date | int | str, *, now: datetime) -> Spot:
    """The spot of a date, or of an issue by its number or “next”.

    Raises NotFound for an issue that does not exist, WrongMove for one that has begun to leave or
    was given up, and for a date that has passed.
    """
    if not isinstance(on, date):
        return _spot(_open(store.get(conn, on)))
    issue = store.live(conn, on.isoformat())
    if issue is not None:
        return _spot(_open(issue))
    if on < now.astimezone(settings.publication.zone).date():
        raise WrongMove(f"{on.isoformat()} has passed: choose a date to come.")
    return Spot(on.isoformat())


def ahead(conn: Connection, settings: Settings, *, now: datetime) -> Iterator[Spot]:
    """Every spot to come, soonest first: the open issues, then the dates of the schedule.

    Without a schedule, what follows the open issues is the next issue, again and again.
    """
    opened = sorted(store.listing(conn, *_OPEN), key=lambda issue: issue.send_at or now)
    yield from map(_spot, opened)
    if not settings.schedule.send:
        yield from repeat(Spot())
    for day in _scheduled(settings, now, now + YEARS):
        if store.live(conn, day) is None:
            yield Spot(day)


def planned(settings: Settings, first: date, last: date) -> frozenset[str]:
    """The dates from `first` to `last` on which the schedule sends an issue, in ISO form."""
    zone = settings.publication.zone
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    end = datetime(last.year, last.month, last.day, tzinfo=zone) + _DAY
    return frozenset(_scheduled(settings, start - timedelta(seconds=1), end))


def _scheduled(settings: Settings, after: datetime, until: datetime) -> Iterator[str]:
    moments = between(settings.schedule.send, settings.publication.zone, after, until)
    return (moment.local_date for moment in moments)


def _open(issue: Issue) -> Issue:
    if issue.status in UNSENT:
        return issue
    raise WrongMove(
        f"Issue {issue.number} is {spoken(issue.status)}: choose a date or an issue to come."
    )


def _spot(issue: Issue) -> Spot:
    return Spot(issue.local_date, issue.number)
