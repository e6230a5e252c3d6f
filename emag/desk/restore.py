"""Puts a copy of the database back. Nothing is sent from it until it is released."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag import copies, in_use, instance, migrate, transfer
from emag.database import Database
from emag.desk.holdings import Holdings, holdings
from emag.issues import life, store
from emag.issues.issue import Move, Status
from emag.readers import reader_desk
from emag.settings import Settings
from subscribers.anchor import Anchor
from subscribers.desk import Verification
from subscribers.tokens import Keys

# A copy may be older than the last sending, so what was about to leave waits for the editor.
_STOPS = {Status.APPROVED: Move.HOLD, Status.SENDING: Move.PAUSE}


@dataclass(frozen=True, slots=True)
class Restored:
    """The file that the old database is kept in, the issues stopped, and what is there now."""

    aside: Path | None
    stopped: tuple[int, ...]
    holdings: Holdings


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
        stopped, held = _prepare(staged, file.name, now=now, by=by)
        replaced = copies.replace(database, staged, aside)
    with closing(Database(f"sqlite:///{database}")) as restored:
        anchor.renew(restored.reading)
    return Restored(aside if replaced else None, stopped, held)


def restore_into(
    database: Database, file: Path, *, anchor: Anchor, now: datetime, by: str
) -> Restored:
    """Fills an empty database of PostgreSQL with a copy, and holds it. Raises DatabaseError."""
    in_use.refuse_if_in_use(database)
    migrate.upgrade(database)
    instance.hold(database, f"This database was restored from {file.name}")
    with _upgraded(file) as copy:
        transfer.copy_rows(copy, database, watch=lambda _copied, _total: None)
    stopped, held = _stop(database, now=now, by=by)
    anchor.renew(database.reading)
    return Restored(None, stopped, held)


def rehearse(
    settings: Settings, file: Path, *, keys: Keys, now: datetime
) -> tuple[Holdings, Verification]:
    """Restores a copy into a folder that is removed again. Returns what it holds, and its proof."""
    with _upgraded(file) as copy:
        anchor = Anchor(Path(copy.url.database or "").with_name("anchor"), keys)
        anchor.renew(copy.reading)
        readers = reader_desk(settings, copy, anchor, keys, lambda: now)
        with copy.reading() as conn:
            held = holdings(conn)
        return held, readers.verify()


def release(database: Database, *, anchor: Anchor) -> str:
    """Lets a restored or copied database send. Returns why it was held, or nothing."""
    reason = instance.hold_reason(database)
    instance.release(database)
    anchor.renew(database.reading)
    return reason


@contextmanager
def _upgraded(file: Path) -> Iterator[Database]:
    """A copy of a copy in a temporary folder, at the newest revision. Raises DatabaseError."""
    copies.examine(file)
    with tempfile.TemporaryDirectory(prefix="emag-restore-") as folder:
        staged = Path(folder) / file.name
        copies.copy(file, staged)
        with closing(Database(f"sqlite:///{staged}")) as database:
            migrate.upgrade(database)
            yield database


def _prepare(
    file: Path, source: str, *, now: datetime, by: str
) -> tuple[tuple[int, ...], Holdings]:
    """Upgrades and holds the new database. Returns the issues that it stopped."""
    with closing(Database(f"sqlite:///{file}")) as database:
        migrate.upgrade(database)
        instance.hold(database, f"This database was restored from {source}")
        return _stop(database, now=now, by=by)


def _stop(database: Database, *, now: datetime, by: str) -> tuple[tuple[int, ...], Holdings]:
    with database.transaction() as conn:
        waiting = [issue for issue in store.listing(conn) if issue.status in _STOPS]
        for issue in waiting:
            life.move(conn, issue.number, _STOPS[issue.status], now=now, by=by)
        return tuple(issue.number for issue in waiting), holdings(conn)
