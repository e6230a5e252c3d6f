"""Copies an SQLite database while it is in use, and puts a copy in its place."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from emag import in_use
from emag.errors import DatabaseError, EmagError


def backup(database: Path, file: Path) -> int:
    """Writes a consistent copy that only its owner can read. Returns its size in bytes.

    It uses SQLite's own backup. A copy of the file would miss what is still in the write-ahead log.
    """
    if not database.is_file():
        raise DatabaseError("There is no database yet: run “emag db upgrade”")
    if file.exists():
        raise EmagError(f"{file} exists already: name another file")
    part = file.with_name(f".{file.name}.part")
    try:
        copy(database, part)
        examine(part)
        part.replace(file)
    except OSError as error:
        raise EmagError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            part.unlink()
    return file.stat().st_size


def copy(database: Path, file: Path) -> None:
    """Copies a database to a new file with mode 0600, without a write-ahead log beside it."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def close_log(file: Path) -> None:
    """Puts everything into the one file, so that no write-ahead log lies beside it."""
    with closing(sqlite3.connect(file)) as conn:
        conn.execute("PRAGMA journal_mode=DELETE")


def examine(file: Path) -> None:
    """Raises DatabaseError unless the file is a sound copy of an emag database."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
            is_sound = conn.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            revision = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        is_sound, revision = False, None
    if not is_sound or not revision:
        raise DatabaseError(f"{file} is not a sound copy of an emag database")


@contextmanager
def staging(database: Path) -> Iterator[Path]:
    """Gives the path for a new database, in a private folder on the same disk.

    What a killed restore left there is removed first.
    """
    folder = database.with_name(f".{database.name}.restoring")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder / database.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def replace(database: Path, staged: Path, aside: Path) -> bool:
    """Puts the staged file in place of the database in one step. Returns whether there was one.

    The old database is kept as `aside`. A crash leaves either the old database or the new one.
    Raises DatabaseError while any other process has the database open.
    """
    close_log(staged)  # so that one rename moves it all
    _sync(staged)
    if not database.exists():
        staged.replace(database)
        _sync(database.parent)
        return False
    with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as conn:
        try:
            in_use.lock(conn)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in in_use.BUSY:
                raise DatabaseError(in_use.MESSAGE) from None
            # The database is broken. Its log must not be applied to the new one.
            for ending in ("-wal", "-shm", "-journal"):
                with suppress(FileNotFoundError):
                    Path(f"{database}{ending}").replace(f"{aside}{ending}")
        _keep(database, aside)
        staged.replace(database)
        _sync(database.parent)
    return True


def _keep(database: Path, aside: Path) -> None:
    """Gives the old database a second name. On a disk without hard links it is copied."""
    try:
        aside.hardlink_to(database)
    except OSError:
        shutil.copy2(database, aside)


def _sync(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
