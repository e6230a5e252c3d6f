"""What an editor does with dates: look at those to come, skip one, move one, unskip one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from emag.database import Database
from emag.dates import calendar
from emag.dates.calendar import DateChange, DateStatus, IssueDate
from emag.dates.store import between, of_day
from emag.errors import NotFound, WrongMove
from emag.issues import acts, life, state, store
from emag.issues.act import ActKind
from emag.issues.acts import IssueChange
from emag.issues.issue import UNSENT, Issue, Move, Status, spoken
from emag.issues.period import in_words
from emag.schedule import date_notices, runs
from emag.schedule.date_record import record
from emag.schedule.timetable import ON_RECORD, Key, draft_key, send_key, skip_key
from emag.settings import Settings
from emag.settings.times import Slot

# Where a date is moved: to a moment, to a weekday and time in its own week, or to a day.
Target = datetime | Slot | date
_LONGER, _LONGEST = 60, 156  # weeks, for rhythms that give few dates
_NO_KEY: Key = ("", "")
_NOTHING: Mapping[Key, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One line of the calendar: a date of the rhythm, or an issue with a time of its own.

    `usual` is the local date that names it. Times are aware UTC.
    """

    usual: date
    draft: datetime | None
    send: datetime
    status: DateStatus
    reason: str
    issue: int | None = None
    is_of_rhythm: bool = True  # it can be moved and skipped

    @property
    def has_begun(self) -> bool:
        """True where the issue of the date has begun to leave."""
        return self.status is DateStatus.BEGUN


@dataclass(frozen=True, slots=True)
class DateOutcome:
    """What a change of a date came to. `issue` is the open issue of the date as it is now."""

    line: CalendarDate
    issue: Issue | None = None
    approval_voided: bool = False


def listing(
    database: Database, settings: Settings, *, now: datetime, weeks: int
) -> list[CalendarDate]:
    """The dates of the next `weeks` weeks, in the order of their sends.

    A date of today that has passed is among them if its issue has begun to leave.
    """
    zone = settings.publication.zone
    today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    until = (now.astimezone(zone) + timedelta(weeks=weeks)).astimezone(UTC)
    with database.reading() as conn:
        entries = between(conn, settings, after=today.astimezone(UTC), until=until)
        issues = store.of_periods(conn, [entry.usual.isoformat() for entry in entries])
        unsent = store.listing(conn, *UNSENT)
        ran = runs.finished(conn, since=now - ON_RECORD)
    lines = [_line(entry, issues.get(entry.usual.isoformat()), ran) for entry in entries]
    lines += _issues_alone(unsent, {entry.usual.isoformat() for entry in entries}, until)
    ahead = [line for line in lines if line.send > now or line.status is DateStatus.BEGUN]
    return sorted(ahead, key=lambda line: (line.send, line.usual))


def next_dates(
    database: Database, settings: Settings, *, now: datetime, count: int
) -> list[CalendarDate]:
    """The next dates, at most `count`; fewer where the rhythm gives fewer within three years."""
    dates: list[CalendarDate] = []
    for weeks in (count, _LONGER, _LONGEST):
        dates = listing(database, settings, now=now, weeks=weeks)
        if len(dates) >= count or not settings.schedule.send:
            break
    return dates[:count]


def date_of(database: Database, settings: Settings, day: date, *, now: datetime) -> CalendarDate:
    """One date of the calendar, by its usual day or the day it was moved to. Raises NotFound."""
    with database.reading() as conn:
        entry = of_day(conn, settings, day)
        if entry is None:
            raise NotFound(f"There is no date on {calendar.spoken(day)}.")
        period = entry.usual.isoformat()
        issue = store.of_periods(conn, [period]).get(period)
        ran = runs.finished(conn, since=now - ON_RECORD)
    return _line(entry, issue, ran)


def skip(
    database: Database, settings: Settings, day: date, *, now: datetime, by: str
) -> DateOutcome:
    """Lets no issue leave on a date. An open issue is skipped, and its stories come back.

    `day` is the usual date or the one it was moved to. Raises NotFound and WrongMove.
    """
    with database.transaction() as conn:
        entry, issue = _changeable(conn, settings, day)
        if not entry.leaves:
            raise WrongMove(f"{_name(entry)} is {entry.reason} already.")
        if issue is None and entry.send <= now:
            raise WrongMove(f"{_name(entry)} has passed: it can no longer be skipped.")
        record(conn, DateChange(entry.usual, "skip", by), now=now)
        entry = _reread(conn, settings, entry)
        after = None
        if issue:
            after = life.move(conn, issue.number, Move.SKIP, now=now, by=by)
            date_notices.skipped(conn, settings, entry, issue, now=now)
    return DateOutcome(_line(entry, None), after)


def move(
    database: Database, settings: Settings, day: date, to: Target, *, now: datetime, by: str
) -> DateOutcome:
    """Moves a date, its draft by the same distance, and the time of its open issue.

    The approval of an approved issue is void then, and the editors are told. `day` is as for
    `skip`. Raises NotFound, and WrongMove for a time that has passed or is taken.
    """
    zone = settings.publication.zone
    with database.transaction() as conn:
        entry, issue = _changeable(conn, settings, day)
        send = _target(entry, to, settings)
        _refuse_past(send, settings, now)
        if entry.leaves and send == entry.send:
            raise WrongMove(f"{_name(entry)} leaves on {in_words(send, zone)} already.")
        _refuse_taken(conn, settings, entry, send)
        record(conn, DateChange(entry.usual, "move", by, send), now=now)
        if issue is None:
            runs.forget(conn, _keys(entry))
        else:
            _follow(conn, settings, issue, send, now=now, by=by)
        entry = _reread(conn, settings, entry)
        after = store.get(conn, issue.number) if issue else None
        ran = runs.finished(conn, since=now - ON_RECORD)
    voided = bool(issue and issue.status is Status.APPROVED)
    return DateOutcome(_line(entry, after, ran), after, voided)


def unskip(
    database: Database, settings: Settings, day: date, *, now: datetime, by: str
) -> DateOutcome:
    """Lets an issue leave on a date that was skipped: it is drafted at its time, or again.

    So it is with a date that has no issue although its draft was due. Raises NotFound, and
    WrongMove for a date that is not skipped or has passed.
    """
    with database.transaction() as conn:
        entry, issue = _changeable(conn, settings, day)
        ran = runs.finished(conn, since=now - ON_RECORD)
        if entry.leaves and (issue or draft_key(entry) not in ran):
            raise WrongMove(f"{_name(entry)} is not skipped.")
        record(conn, DateChange(entry.usual, "keep", by), now=now)
        runs.forget(conn, _keys(entry))
        entry = _reread(conn, settings, entry)
        _refuse_past(entry.send, settings, now)
    return DateOutcome(_line(entry, None))


def _changeable(conn: Connection, settings: Settings, day: date) -> tuple[IssueDate, Issue | None]:
    """A date and its open issue. Raises NotFound, and WrongMove where an issue began to leave."""
    entry = of_day(conn, settings, day)
    if entry is None:
        raise NotFound(f"There is no date on {calendar.spoken(day)}: “emag calendar” shows them.")
    period = entry.usual.isoformat()
    issue = store.of_periods(conn, [period]).get(period)
    if issue and issue.began_at:
        raise WrongMove(
            f"Issue {issue.number} of {calendar.spoken(entry.usual)} has begun to leave already: "
            "its date can no longer be changed."
        )
    return entry, issue if issue and issue.status in UNSENT else None


def _follow(
    conn: Connection, settings: Settings, issue: Issue, send: datetime, *, now: datetime, by: str
) -> None:
    """Gives an open issue the new time of its date, as an act of whoever moved it."""
    change = IssueChange(ActKind.TIME, state.TIME, send.isoformat())
    acts.perform(conn, issue.number, change, now=now, by=by)
    if issue.status is Status.APPROVED:
        date_notices.moved(conn, settings, issue, send, now=now, by=by)


def _target(entry: IssueDate, to: Target, settings: Settings) -> datetime:
    zone = settings.publication.zone
    if isinstance(to, datetime):
        return to.astimezone(UTC)
    if isinstance(to, date):
        return calendar.at(entry.slot, to, zone)
    if to.nth:
        raise WrongMove(f"“{to}” comes once a month: write a weekday and a time, or a date.")
    monday = entry.usual - timedelta(days=entry.usual.weekday())
    return calendar.at(to, monday + timedelta(days=to.weekday), zone)


def _refuse_past(send: datetime, settings: Settings, now: datetime) -> None:
    if send <= now:
        when = in_words(send, settings.publication.zone)
        raise WrongMove(f"{when} has passed: move the date to a later time.")


def _refuse_taken(conn: Connection, settings: Settings, entry: IssueDate, send: datetime) -> None:
    """Two dates may not leave at the same moment."""
    same = between(conn, settings, after=send - timedelta(seconds=1), until=send)
    for other in same:
        if other.leaves and other.usual != entry.usual:
            when = in_words(send, settings.publication.zone)
            raise WrongMove(f"{_name(other)} leaves on {when}: choose another time.")


def _reread(conn: Connection, settings: Settings, entry: IssueDate) -> IssueDate:
    after = of_day(conn, settings, entry.usual)
    assert after is not None
    return after


def _keys(entry: IssueDate) -> Iterable[Key]:
    """The runs of a date, which happen again when the date changes."""
    keys = (draft_key(entry), send_key(entry), skip_key(entry))
    return [key for key in keys if key]


def _name(entry: IssueDate) -> str:
    return f"The issue of {calendar.spoken(entry.usual)}"


def _line(entry: IssueDate, issue: Issue | None, ran: Mapping[Key, str] = _NOTHING) -> CalendarDate:
    """A date with what its issue makes of it: what is shown is what will happen.

    `ran` holds the runs that are finished, with their outcomes.
    """
    line = CalendarDate(entry.usual, entry.draft, entry.send, entry.status, entry.reason)
    if issue and issue.began_at:
        send, reason = issue.send_at or line.send, f"issue {_named(issue)}"
        line = replace(line, send=send, status=DateStatus.BEGUN, reason=reason)
        return replace(line, issue=issue.number)
    if not entry.leaves:
        return line
    if issue is None or issue.status not in UNSENT:
        return _without_issue(line, issue, ran.get(draft_key(entry) or _NO_KEY))
    line = replace(line, issue=issue.number)
    if entry.status is DateStatus.MOVED and draft_key(entry) in ran:  # drafted before the move
        line = replace(line, draft=issue.until.replace(second=0, microsecond=0))
    if issue.send_at and issue.send_at != entry.send:
        reason = f"issue {_named(issue)}, with a time of its own"
        return replace(line, send=issue.send_at, status=DateStatus.MOVED, reason=reason)
    return replace(line, reason=f"{entry.reason}; issue {_named(issue)}")


def _without_issue(line: CalendarDate, issue: Issue | None, outcome: str | None) -> CalendarDate:
    """A date without an open issue. After its draft was made, nothing opens another by itself."""
    if outcome is None:
        return line
    why = f"issue {_named(issue)}" if issue else outcome
    reason = f"{why.rstrip('.')}; “emag issue draft” opens another"
    return replace(line, status=DateStatus.SKIPPED, reason=reason)


def _named(issue: Issue) -> str:
    return f"{issue.number} is {spoken(issue.status)}"


def _issues_alone(
    unsent: Iterable[Issue], usual: set[str], until: datetime
) -> Iterable[CalendarDate]:
    """The open issues that belong to no date of the rhythm, such as a special edition."""
    for issue in unsent:
        is_alone = issue.is_special or issue.local_date not in usual
        if is_alone and issue.send_at and issue.send_at <= until:
            name = "special edition: " if issue.is_special else ""
            day, reason = date.fromisoformat(issue.local_date), f"{name}issue {_named(issue)}"
            yield CalendarDate(
                day,
                None,
                issue.send_at,
                DateStatus.PLANNED,
                reason,
                issue=issue.number,
                is_of_rhythm=False,
            )
