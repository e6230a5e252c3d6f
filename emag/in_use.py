"""Says which other programs of emag have the database open."""

import sqlite3
from contextlib import closing
from pathlib import Path

from emag.database import Database
from emag.errors import DatabaseError

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_STOP = "stop “emag serve”, “emag worker” and every other emag command first"
MESSAGE = f"The database is in use: {_STOP}"


def refuse_if_in_use(database: Database) -> None:
    """Raises DatabaseError while another program has the database open."""
    if database.is_sqlite:
        _refuse_if_open(database)
        return
    with database.reading() as conn:
        # The name that `database.py` gives to each connection.
        query = (
            "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name LIKE 'emag %%' AND application_name <> "
            "current_setting('application_name') ORDER BY 1 LIMIT 1"
        )
        program = conn.exec_driver_sql(query).scalar()
    if program:
        raise DatabaseError(f"The database is in use by {program}: {_STOP}")


def _refuse_if_open(database: Database) -> None:
    file = database.url.database
    if not file or not Path(file).is_file():
        return
    database.engine.dispose()  # our own connections must not count
    with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as conn:
        try:
            lock(conn)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in BUSY:
                raise DatabaseError(MESSAGE) from None
            # A broken file is nobody's: whoever opens it next says so.


def lock(conn: sqlite3.Connection) -> None:
    """Locks the whole file until the connection closes.

    SQLite leaves the write-ahead log only if nobody else has the file open. An idle reader
    prevents it.
    """
    conn.execute("PRAGMA locking_mode=EXCLUSIVE")
    if conn.execute("PRAGMA journal_mode=DELETE").fetchone()[0] != "delete":
        raise DatabaseError(MESSAGE)
    conn.execute("BEGIN EXCLUSIVE")
    conn.execute("COMMIT")
