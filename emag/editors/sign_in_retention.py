"""Deletes what signing in leaves behind: codes, challenges, counts, old sessions, networks."""

from datetime import datetime, timedelta

from emag.audit import record
from emag.database import Database
from emag.editors import challenges, code_store, sessions, tallies

_A_DAY = timedelta(days=1)
_SESSIONS = timedelta(days=30)


def forget(database: Database, *, now: datetime) -> None:
    """Deletes everything whose period is over."""
    with database.transaction() as conn:
        code_store.forget(conn, before=now - _A_DAY)
        challenges.forget(conn, before=now - _A_DAY)
        tallies.forget(conn, now=now)
        sessions.forget(conn, before=now - _SESSIONS)
        record.forget_networks(conn, now=now)
