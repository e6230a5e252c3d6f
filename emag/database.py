"""Opens the database, SQLite or PostgreSQL, and its transactions."""

import os
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from emag import __version__
from emag.errors import DatabaseError

BUSY_TIMEOUT_MS, SCRUB_TIMEOUT_MS = 30_000, 200


class Database:
    """One database and its pool of connections. The verb that opens a transaction commits it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if not self.is_sqlite and self.url.drivername in {"postgresql", "postgres"}:
            self.url = self.url.set(drivername="postgresql+psycopg")
        # hide_parameters: the error of a failed statement must not print readers' addresses.
        options: dict[str, Any] = {"hide_parameters": True}
        if self.is_sqlite:
            options |= {
                "poolclass": QueuePool,
                "pool_size": 16,
                "max_overflow": 32,
                "connect_args": {
                    "timeout": BUSY_TIMEOUT_MS / 1000,
                    "check_same_thread": False,
                    "isolation_level": None,  # `transaction` and `reading` say BEGIN
                },
            }
        else:
            options |= {
                "pool_size": 16,
                "max_overflow": 16,
                "pool_pre_ping": True,
                "connect_args": {"application_name": program_name()},
            }
        self.engine: Engine = create_engine(self.url, **options)
        self._inode = 0  # of the SQLite file, once it has been used
        self._is_lost = False  # whether that file was not there at the last look
        # Called with the connection after each commit of `transaction`. They must not raise.
        self.after_commit: list[Callable[[Connection], None]] = []
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_pragmas)

    @contextmanager
    def transaction(self, connection: Connection | None = None) -> Iterator[Connection]:
        """Opens a write transaction. It commits at the end, and rolls back on an error.

        A caller with many transactions in a row passes its own connection: to get one from the
        pool costs more than a commit.

        SQLite takes its write lock at once (BEGIN IMMEDIATE). So nobody can write between a read
        and the write that depends on it, and no transaction fails when it first writes.
        """
        self._refuse_other_file()
        source = nullcontext(connection) if connection else self.engine.connect()
        with source as conn:
            with conn.begin():
                if self.is_sqlite:
                    conn.exec_driver_sql("BEGIN IMMEDIATE")
                yield conn
            for action in self.after_commit:
                action(conn)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Opens a transaction that only reads, and sees one consistent state."""
        self._refuse_other_file()
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def _refuse_other_file(self) -> None:
        """Raises DatabaseError if the file was removed or replaced while it was open.

        SQLite would go on writing into the removed file, or make an empty one in its place.
        """
        file = self.url.database
        if not self.is_sqlite or not file or file == ":memory:":
            return
        try:
            inode = os.stat(file).st_ino  # noqa: PTH116 - twice as fast, and before each transaction
        except FileNotFoundError:
            inode = 0
        if inode != self._inode and self._inode:
            if not self._is_lost:
                self._is_lost = True
                self._write_log_back()
            raise DatabaseError(
                # Only its name: strangers may read this sentence in /healthz.
                f"The database {Path(file).name} was removed or replaced while emag used it: stop "
                "emag, put it or a backup back with “emag db restore”, and start it again"
            )
        self._inode = inode
        if self._is_lost:
            # Another program may have removed the write-ahead log meanwhile. The old connections
            # would go on writing into the removed one, which nobody else reads: open new ones.
            self._is_lost = False
            self.engine.dispose()

    def _write_log_back(self) -> None:
        """Writes the write-ahead log into the old file, by a connection that has that file open.

        Whoever opens the new file would take the log beside it for its own.
        """
        pool = self.engine.pool
        if isinstance(pool, QueuePool) and pool.checkedin():
            with suppress(DBAPIError), self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def scrub(self) -> None:
        """Empties SQLite's write-ahead log, which may still hold erased readers.

        If another process uses the log, a later checkpoint empties it.
        """
        if not self.is_sqlite:
            return
        with self.engine.connect() as connection:
            # Writers wait for this checkpoint, so it waits only a short time itself.
            connection.exec_driver_sql(f"PRAGMA busy_timeout={SCRUB_TIMEOUT_MS}")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def size(self) -> int:
        """Returns the size in bytes, without SQLite's write-ahead log."""
        query = "SELECT pg_database_size(current_database())"
        if self.is_sqlite:
            query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        with self.reading() as connection:
            return int(connection.exec_driver_sql(query).scalar_one())

    def vacuum(self) -> None:
        """Writes the database again without the space that deleted rows have left.

        Raises OperationalError if other processes use the database for too long.
        """
        with self.engine.connect() as connection:
            if not self.is_sqlite:  # VACUUM cannot run inside a transaction
                connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM" if self.is_sqlite else "VACUUM FULL")
        self.scrub()

    def close(self) -> None:
        self.engine.dispose()


def program_name() -> str:
    """Names this process to PostgreSQL, so that an upgrade can say which program is in its way."""
    return f"emag {__version__}, process {os.getpid()} on {socket.gethostname()[:24]}"


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    _write_ahead(cursor)
    # FULL: a committed outcome must survive a power loss, or a reader could be mailed twice.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # overwrites the bytes of an erased reader
    cursor.close()


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Turns the write-ahead log on. Waits for another program that does it to the same new file.

    SQLite itself does not wait: two programs that both read the file and both want to change it
    could wait for each other for ever.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
