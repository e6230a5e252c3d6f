"""Examines the database: whether it opens, has the newest tables and may send."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from emag import bootstrap, instance
from emag.database import Database
from emag.database_faults import explain
from emag.doctor.clock import clock_problems
from emag.doctor.problem import Problem
from emag.errors import DatabaseError, SettingsError
from emag.settings import Settings
from subscribers import anchor


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    try:
        database = bootstrap.open_database(settings)
        with closing(database):
            yield from _key(database, settings)
            yield from _clock(database, now)
            instance.check(database)
    except (DatabaseError, SettingsError) as error:
        yield Problem("database", str(error))
    except (SQLAlchemyError, OSError) as error:
        yield Problem("database", explain(error) or "The database cannot be used: see emag's log")


def _key(database: Database, settings: Settings) -> Iterator[Problem]:
    """Compares the key with the seal of the list's record."""
    if not settings.environment.secret_key:
        return
    with database.reading() as conn:
        fits = anchor.is_sealed_with(conn, bootstrap.keys(settings))
    if not fits:
        yield Problem(
            "database",
            "EMAG_SECRET_KEY is not the key of this list, so no link in an old mail works: put the "
            "list's own key into .env",
        )


def _clock(database: Database, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Compares this machine's clock with that of PostgreSQL, which all machines share."""
    if database.is_sqlite:
        return
    with database.reading() as conn:
        there = conn.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    yield from clock_problems(now() - there, "the database server")
