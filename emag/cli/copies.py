"""Copies of an SQLite database, made while it is in use and put back while it is not."""

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from emag.errors import DatabaseError, EmagError

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def backup(database: Path, file: Path) -> int:
    """Writes a consistent copy, readable by its owner alone; bytes written.

    SQLite's own backup: copying the file would miss what still lies in the write-ahead log.
    """
    if not database.is_file():
        raise DatabaseError("There is no database yet: run “emag db upgrade”")
    if file.exists():
        raise EmagError(f"{file} exists already: name another file")
    part = file.with_name(f".{file.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(database)) as live, closing(sqlite3.connect(part)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        _examine(part)
        part.replace(file)
    except OSError as error:
        raise EmagError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return file.stat().st_size


def restore(database: Path, file: Path, *, now: datetime) -> Path | None:
    """Puts `file` in place of `database`; where the old one went, None if there was none.

    Raises DatabaseError while anything else has the database open, or if `file` is no copy.
    """
    _examine(file)
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(file)) as copy, closing(sqlite3.connect(database)) as live:
            database.chmod(0o600)
            copy.backup(live)
        return None
    aside = database.with_name(f"{database.name}.before-{now:%Y%m%dT%H%M%SZ}")
    with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as live:
        try:
            _lock(live)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in BUSY:
                raise DatabaseError(
                    "The database is in use: stop “emag serve” and every other command first"
                ) from None
            live.close()  # broken, which is why a copy is put back
            for ending in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{database}{ending}").replace(f"{aside}{ending}")
            return restore(database, file, now=now) or aside
        shutil.copy2(database, aside)
        with closing(sqlite3.connect(file)) as copy:
            copy.backup(live)
    return aside


def _lock(live: sqlite3.Connection) -> None:
    """Takes the whole file, and keeps it until the connection closes.

    Leaving the write-ahead log needs to be alone with the file: even an idle reader prevents it.
    """
    live.execute("PRAGMA locking_mode=EXCLUSIVE")
    if live.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
        raise DatabaseError("The database is in use: stop “emag serve” first")
    live.execute("BEGIN EXCLUSIVE")
    live.execute("COMMIT")


def _examine(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            sound = copy.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            ours = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        sound, ours = False, None
    if not sound or not ours:
        raise DatabaseError(f"{file} is not a sound copy of an emag database")
