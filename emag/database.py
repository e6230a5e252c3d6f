"""Engine and transaction(); SQLite by default, PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

BUSY_TIMEOUT_MS, SCRUB_TIMEOUT_MS = 30_000, 200


class Database:
    """One engine. Verbs open `transaction()` themselves; who opens it commits it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if not self.is_sqlite and self.url.drivername in {"postgresql", "postgres"}:
            self.url = self.url.set(drivername="postgresql+psycopg")
        # hide_parameters: a failed statement must not print readers' addresses.
        options: dict[str, Any] = {"hide_parameters": True}
        if self.is_sqlite:
            options |= {
                "poolclass": QueuePool,
                "pool_size": 16,
                "max_overflow": 32,
                "connect_args": {
                    "timeout": BUSY_TIMEOUT_MS / 1000,
                    "check_same_thread": False,
                    "isolation_level": None,  # we say BEGIN ourselves
                },
            }
        else:
            options |= {"pool_size": 16, "max_overflow": 16, "pool_pre_ping": True}
        self.engine: Engine = create_engine(self.url, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _sqlite_pragmas)

    @contextmanager
    def transaction(self, held: Connection | None = None) -> Iterator[Connection]:
        """A write transaction: committed at the end, rolled back on an error.

        Who has many in a row keeps a `held` connection: fetching one costs more than a commit.

        SQLite takes its write lock at once (BEGIN IMMEDIATE), so that a read which decides a
        write can never be overtaken, and no transaction dies of an upgrade in its middle.
        """
        whence = nullcontext(held) if held else self.engine.connect()
        with whence as connection, connection.begin():
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view that writes nothing."""
        with self.engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def scrub(self) -> None:
        """Empties SQLite's log, in which the erased still stand; later, where somebody uses it."""
        if not self.is_sqlite:
            return
        with self.engine.connect() as connection:
            # Writers wait behind it, so it does not wait long itself.
            connection.exec_driver_sql(f"PRAGMA busy_timeout={SCRUB_TIMEOUT_MS}")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

    def size(self) -> int:
        """Bytes, without SQLite's log."""
        query = "SELECT pg_database_size(current_database())"
        if self.is_sqlite:
            query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        with self.reading() as connection:
            return int(connection.exec_driver_sql(query).scalar_one())

    def vacuum(self) -> None:
        """Writes the database anew, without the room that deleted rows have left. Raises
        OperationalError where others do not let go of it in time."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:  # where SQLAlchemy would begin a transaction by itself
                connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.exec_driver_sql("VACUUM" if self.is_sqlite else "VACUUM FULL")
        self.scrub()

    def close(self) -> None:
        self.engine.dispose()


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL: a committed outcome must survive a power loss, or a reader could be mailed twice.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")  # an erased reader leaves no bytes behind
    cursor.close()
