"""Puts a copy of the database back. Nothing is sent from it until it is released."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag import copies, instance, migrate
from emag.database import Database
from emag.issues import life, store
from emag.issues.issue import Move, Status
from subscribers.anchor import Anchor

# A copy may be older than the last sending, so what was about to leave waits for the editor.
_STOPS = {Status.APPROVED: Move.HOLD, Status.SENDING: Move.PAUSE}


@dataclass(frozen=True, slots=True)
class Restored:
    """The file that the old database is kept in, if there was one, and the issues stopped."""

    aside: Path | None
    stopped: tuple[int, ...]


def restore(database: Path, file: Path, *, anchor: Anchor, now: datetime, by: str) -> Restored:
    """Puts `file` in place of `database`, an SQLite file.

    The new database is upgraded and held before it takes its place, so that a crash never leaves
    one that would send. The anchor of the consent record starts again from the copy's last entry.
    Raises DatabaseError while the database is in use, or for a bad copy.
    """
    copies.examine(file)
    aside = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%SZ}")
    with copies.staging(database) as staged:
        copies.copy(file, staged)
        stopped = _prepare(staged, f"This database was restored from {file.name}", now=now, by=by)
        replaced = copies.replace(database, staged, aside)
    _renew(anchor, database)
    return Restored(aside if replaced else None, stopped)


def release(database: Database, *, anchor: Anchor) -> str:
    """Lets a restored or copied database send. Returns why it was held, or nothing."""
    reason = instance.hold_reason(database)
    instance.release(database)
    anchor.renew(database.reading)
    return reason


def _renew(anchor: Anchor, file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    try:
        anchor.renew(database.reading)
    finally:
        database.close()


def _prepare(file: Path, reason: str, *, now: datetime, by: str) -> tuple[int, ...]:
    """Upgrades and holds the new database. Returns the issues that it stopped."""
    database = Database(f"sqlite:///{file}")
    try:
        migrate.upgrade(database)
        instance.hold(database, reason)
        with database.transaction() as conn:
            waiting = [issue for issue in store.listing(conn) if issue.status in _STOPS]
            for issue in waiting:
                life.move(conn, issue.number, _STOPS[issue.status], now=now, by=by)
    finally:
        database.close()
    return tuple(issue.number for issue in waiting)
