"""Counts sign-ins and their failures, by person and network."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from emag.editors.limit import LIMITS, LimitScope
from emag.editors.tables import TALLIES
from subscribers import dialect

_LIFE = timedelta(days=1)


def count(conn: Connection, scope: LimitScope, key: str, *, now: datetime) -> int:
    """Counts one more, and returns how many there were in the window."""
    same = (TALLIES.c.scope == scope.value) & (TALLIES.c.key == key)
    row = conn.execute(select(TALLIES.c.number, TALLIES.c.since).where(same)).first()
    is_over = row is None or now - row.since >= LIMITS[scope].window
    number, since = (1, now) if row is None or is_over else (row.number + 1, row.since)
    names = {"number": number, "since": since}
    statement = dialect.upsert(conn, TALLIES, keys=["scope", "key"], columns=[*names])
    conn.execute(statement, {"scope": scope.value, "key": key, **names})
    return int(number)


def is_full(conn: Connection, scope: LimitScope, key: str, *, now: datetime) -> bool:
    """True if there were as many in the window as the limit allows."""
    same = (TALLIES.c.scope == scope.value) & (TALLIES.c.key == key)
    row = conn.execute(select(TALLIES.c.number, TALLIES.c.since).where(same)).first()
    limit = LIMITS[scope]
    return row is not None and now - row.since < limit.window and row.number >= limit.most


def forget(conn: Connection, *, now: datetime) -> None:
    """Deletes counts that are over."""
    conn.execute(delete(TALLIES).where(TALLIES.c.since < now - _LIFE))
