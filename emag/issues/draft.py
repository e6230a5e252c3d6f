"""Drafts the next issue from the pool."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from emag.database import Database
from emag.dates.calendar import IssueDate
from emag.dates.store import upcoming
from emag.errors import TooFewStories
from emag.issues import lines, store, verdicts
from emag.issues.choice import choose_from, considered
from emag.issues.issue import Issue, Status
from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class _Period:
    """One slot for an issue.

    Without a `send_at` the editors send by hand, and the period lasts until the issue is closed.
    """

    local_date: str
    send_at: datetime | None


def draft(
    database: Database,
    settings: Settings,
    *,
    now: datetime,
    by: str,
    on: IssueDate | None = None,
) -> Issue:
    """Opens the issue of a date, or returns the one that is open already.

    The date is `on`, or else the next one on which an issue leaves. Its usual day names the issue's
    period, wherever it was moved. Raises TooFewStories and writes nothing if the pool has fewer
    than `minimum_stories`.
    """
    now = now.astimezone(UTC)
    with database.reading() as conn:
        period = _period(settings, now, on or upcoming(conn, settings, now))
    try:
        with database.transaction() as conn:
            return _existing(conn, period) or _open(conn, settings, period, now=now, by=by)
    except IntegrityError:  # another process opened it in the same moment
        with database.reading() as conn:
            issue = _existing(conn, period)
        if issue is None:
            raise
        return issue


def _period(settings: Settings, now: datetime, on: IssueDate | None) -> _Period:
    if on is None:
        return _Period(now.astimezone(settings.publication.zone).date().isoformat(), None)
    return _Period(on.usual.isoformat(), on.send)


def _existing(conn: Connection, period: _Period) -> Issue | None:
    issue = store.live(conn, period.local_date)
    if issue or period.send_at:
        return issue
    waiting = store.listing(conn, Status.DRAFT, Status.IN_REVIEW)
    return store.get(conn, waiting[-1].number) if waiting else None


def _open(
    conn: Connection, settings: Settings, period: _Period, *, now: datetime, by: str
) -> Issue:
    since = store.cut_off(conn)
    choice = choose_from(
        conn, settings, considered(conn), since=since, until=now, send_at=period.send_at
    )
    picks = [pick for section in choice.sections for pick in section.picks]
    wanted = settings.schedule.minimum_stories
    if len(picks) < wanted:
        raise TooFewStories(
            f"There are {len(picks)} of the {wanted} stories that an issue needs, so none was "
            "drafted: gather more, or lower minimum_stories in [schedule]."
        )
    issue = Issue(
        number=0,
        status=Status.DRAFT,
        subject=lines.subject_of(picks, settings.publication.title),
        preheader=lines.preheader_of(picks),
        since=since,
        until=now,
        send_at=period.send_at,
        local_date=period.local_date,
        sections=choice.sections,
        drafted_by=by,
    )
    issue = store.add(conn, issue)
    verdicts.add(conn, issue.number, choice.verdicts)
    return issue
