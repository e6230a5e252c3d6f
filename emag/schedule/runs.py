"""Claims each run of the timetable by a row, so that two processes never do it twice."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from emag.database import Database
from emag.schedule.tables import RUNS
from emag.schedule.timetable import Key

# The lease on a run. After this time another process takes over a run that is not finished. A run
# that is repeated does no harm.
LEASE = timedelta(minutes=15)

_BEGUN = ("begun", "")
BEAT = ("beat", "")
MAILBOX = ("mailbox", "")
MAILBOX_READ = ("mailbox read", "")  # begun whenever the mailbox was read to its end


def claim(database: Database, key: Key, *, now: datetime) -> bool:
    """True for the one process that may do the run."""
    with database.reading() as conn:
        row = _row(conn, key)
    if row is None:
        return _insert(database, key, now=now)
    left = row.finished_at is None and now - row.started_at >= LEASE
    return left and _take(database, key, started_at=row.started_at, now=now)


def claim_every(database: Database, key: Key, every: timedelta, *, now: datetime) -> bool:
    """True for the one process that may do a run that is due `every` so often."""
    with database.reading() as conn:
        row = _row(conn, key)
    if row is None:
        return _insert(database, key, now=now)
    # A start in the future was written by a wrong clock. It must not stop the timetable.
    waits = timedelta(0) <= now - row.started_at < every
    return not waits and _take(database, key, started_at=row.started_at, now=now)


def finish(database: Database, key: Key, outcome: str, *, now: datetime) -> None:
    """Records that the run is finished, and its outcome."""
    with database.transaction() as conn:
        conn.execute(update(RUNS).where(_is(key)).values(finished_at=now, outcome=outcome))


def finished(conn: Connection, *, since: datetime) -> dict[Key, str]:
    """The runs that were finished after `since`, and their outcomes."""
    query = select(RUNS.c.schedule, RUNS.c.local_date, RUNS.c.outcome)
    rows = conn.execute(query.where(RUNS.c.finished_at >= since))
    return {(schedule, local_date): outcome for schedule, local_date, outcome in rows}


def forget(conn: Connection, keys: Iterable[Key]) -> None:
    """Lets runs happen again: their date has changed."""
    for key in keys:
        conn.execute(delete(RUNS).where(_is(key)))


def last_beat(conn: Connection) -> datetime | None:
    """When the timetable last ran, to the minute; None before its first run."""
    row = _row(conn, BEAT)
    at: datetime | None = row.started_at if row else None
    return at


def started(conn: Connection, key: Key) -> tuple[datetime | None, str]:
    """When the run last began, and the outcome of the last time that it ended."""
    query = select(RUNS.c.started_at, RUNS.c.outcome).where(_is(key))
    row = conn.execute(query).first()
    return (row.started_at, row.outcome) if row else (None, "")


def finished_at(conn: Connection, key: Key) -> datetime | None:
    """When the run was last finished; None while it is under way, or before its first time."""
    row = _row(conn, key)
    return row.finished_at if row else None


def begun(database: Database, rhythm: str, *, now: datetime) -> datetime:
    """When the timetable first ran with this rhythm: no date before that was missed.

    `rhythm` is any text that differs where the dates differ.
    """
    with database.reading() as conn:
        columns = select(RUNS.c.started_at, RUNS.c.outcome)
        row = conn.execute(columns.where(_is(_BEGUN))).first()
    if row and row.outcome == rhythm:
        at: datetime = row.started_at
        return at
    if row is None:
        _insert(database, _BEGUN, now=now)
    with database.transaction() as conn:
        values = {"started_at": now, "outcome": rhythm}
        conn.execute(update(RUNS).where(_is(_BEGUN)).values(**values))
    return now


def _row(conn: Connection, key: Key) -> Row[Any, Any] | None:
    return conn.execute(select(RUNS.c.started_at, RUNS.c.finished_at).where(_is(key))).first()


def _insert(database: Database, key: Key, *, now: datetime) -> bool:
    schedule, local_date = key
    values = {"schedule": schedule, "local_date": local_date, "started_at": now, "outcome": ""}
    try:
        with database.transaction() as conn:
            if _row(conn, key):
                return False
            conn.execute(insert(RUNS).values(**values))
    except IntegrityError:  # another process was faster
        return False
    return True


def _take(database: Database, key: Key, *, started_at: datetime, now: datetime) -> bool:
    with database.transaction() as conn:
        unchanged = and_(_is(key), RUNS.c.started_at == started_at)
        values = {"started_at": now, "finished_at": None}
        return conn.execute(update(RUNS).where(unchanged).values(**values)).rowcount == 1


def _is(key: Key) -> ColumnElement[bool]:
    return and_(RUNS.c.schedule == key[0], RUNS.c.local_date == key[1])
