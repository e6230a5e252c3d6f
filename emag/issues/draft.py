"""Drafts the next issue from the pool, and special editions beside it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from emag.database import Database
from emag.dates.calendar import IssueDate
from emag.dates.store import upcoming
from emag.errors import TooFewStories, WrongMove
from emag.issues import lines, store, verdicts
from emag.issues.choice import choose_from, considered, considered_again
from emag.issues.issue import Issue, Section, Status
from emag.settings import Settings

_TRIES = 3  # times that another process may add an issue in the same moment


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

    def open_period(conn: Connection) -> Issue:
        return _existing(conn, period) or _open(conn, settings, period, now=now, by=by)

    return _added(database, open_period)


def draft_special(
    database: Database,
    settings: Settings,
    *,
    now: datetime,
    by: str,
    title: str = "",
    audience: int | str | None = None,
) -> Issue:
    """Opens a special edition: an empty issue outside the schedule, sent when somebody says so.

    `title` is its subject until an editor writes one. It goes to everyone, or with `audience` to
    exactly the readers who got that issue. Raises NotFound, and WrongMove for an issue that nobody
    has.
    """
    now = now.astimezone(UTC)
    title = " ".join(title.split())

    def open_special(conn: Connection) -> Issue:
        issue = Issue(
            number=0,
            status=Status.DRAFT,
            subject=title or settings.publication.title,
            since=None,
            until=now,
            send_at=None,
            local_date=now.astimezone(settings.publication.zone).date().isoformat(),
            sections=tuple(Section(s.name, s.title) for s in settings.sections),
            drafted_by=by,
            is_special=True,
            title=title,
            audience=None if audience is None else _sent(conn, audience),
        )
        return store.add(conn, issue)

    return _added(database, open_special)


def _added(database: Database, open_issue: Callable[[Connection], Issue]) -> Issue:
    """Opens an issue; once more where another process added one in the same moment."""
    for _ in range(_TRIES):
        with suppress(IntegrityError), database.transaction() as conn:
            return open_issue(conn)
    with database.transaction() as conn:
        return open_issue(conn)


def _sent(conn: Connection, which: int | str) -> int:
    issue = store.get(conn, which)
    if issue.began_at is None:
        raise WrongMove(f"Issue {issue.number} has not been sent, so no reader has got it.")
    return issue.number


def _period(settings: Settings, now: datetime, on: IssueDate | None) -> _Period:
    if on is None:
        return _Period(now.astimezone(settings.publication.zone).date().isoformat(), None)
    return _Period(on.usual.isoformat(), on.send)


def _existing(conn: Connection, period: _Period) -> Issue | None:
    issue = store.live(conn, period.local_date)
    if issue or period.send_at:
        return issue
    opened = store.listing(conn, Status.DRAFT, Status.IN_REVIEW)
    waiting = [issue for issue in opened if not issue.is_special]
    return store.get(conn, waiting[-1].number) if waiting else None


def _open(
    conn: Connection, settings: Settings, period: _Period, *, now: datetime, by: str
) -> Issue:
    since = store.cut_off(conn)
    candidates = {c.id: c for c in (*considered(conn), *considered_again(conn, settings))}
    choice = choose_from(
        conn, settings, candidates.values(), since=since, until=now, send_at=period.send_at
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
