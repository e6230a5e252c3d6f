"""Examines the database: whether it opens, has the newest tables and may send."""

from collections.abc import Iterator
from contextlib import closing

from sqlalchemy.exc import SQLAlchemyError

from emag import bootstrap, instance
from emag.database_faults import explain
from emag.doctor.problem import Problem
from emag.errors import DatabaseError, SettingsError
from emag.settings import Settings


def examine(settings: Settings) -> Iterator[Problem]:
    try:
        database = bootstrap.open_database(settings)
        with closing(database):
            instance.check(database)
    except (DatabaseError, SettingsError) as error:
        yield Problem("database", str(error))
    except (SQLAlchemyError, OSError) as error:
        yield Problem("database", explain(error) or "The database cannot be used: see emag's log")
