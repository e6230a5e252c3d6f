"""Creates, checks and upgrades the tables of a database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emag.errors import DatabaseError

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

    from emag.database import Database
    from subscribers.anchor import Anchor

MIGRATIONS = Path(__file__).parent / "migrations"
# Every module that declares rows. Alembic compares the database with all of them.
ROWS = (
    "emag.rows.instance",
    "emag.rows.alerts",
    "emag.rows.audit",
    "emag.rows.content",
    "emag.rows.dates",
    "emag.rows.domain",
    "emag.rows.editors",
    "emag.rows.issues",
    "emag.rows.mailing",
    "emag.rows.schedule",
    "emag.rows.settings_log",
    "subscribers.rows",
)
UPGRADE_LOCK = 20_380_116  # any number that nobody else locks on this PostgreSQL server


def check(database: "Database") -> None:
    """Raises DatabaseError, with what to do, unless the database is at the newest revision."""
    current, newest = revision(database), head()
    if current is None:
        raise DatabaseError("There is no database yet: run “emag db upgrade”")
    if current < newest:
        raise DatabaseError("The database is from an older version: run “emag db upgrade”")
    if current > newest:
        raise DatabaseError(
            f"The database has revision {current}, which this version of emag does not know. "
            "If a newer version of emag wrote it, install that version. If a version before "
            "the first release wrote it, export the readers with that version "
            "and import them into a new publication"
        )


def refuse_if_lost(anchor: "Anchor") -> None:
    """Raises DatabaseError if there was a database, by what the consent record's anchor names."""
    from subscribers.errors import BrokenAnchor, MissingAnchor

    try:
        entries = anchor.read().sequence
    except (BrokenAnchor, MissingAnchor):
        return
    if entries:
        raise DatabaseError(
            f"The database is gone, and it had {entries:,} entries of consent: mount its disk, or "
            "put a backup back with “emag db restore”. To begin with an empty list instead, remove "
            f"{anchor.path.name}"
        )


def head() -> str:
    """Returns the newest revision shipped: the first four characters of the last file's name."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision(database: "Database") -> str | None:
    """Returns the revision of a database, by one query and without Alembic. None if it is empty."""
    from sqlalchemy import exc, text

    from emag.database_faults import explain

    file = database.url.database
    if database.is_sqlite and file and not Path(file).is_file():
        return None  # opening the file would create it
    try:
        with database.reading() as conn:
            has_revision = conn.dialect.has_table(conn, "alembic_version")
            query = text("SELECT version_num FROM alembic_version")
            return conn.scalar(query) if has_revision else None
    except exc.DBAPIError as error:
        where = file if database.is_sqlite else "EMAG_DATABASE_URL"
        reason = explain(error) or "it cannot be opened"
        raise DatabaseError(f"{reason} ({where})") from None


def upgrade(database: "Database", *, prepare: Callable[[], object] = lambda: None) -> str | None:
    """Brings the tables to the newest revision. Returns the revision before the upgrade.

    It costs one query if there is nothing to do. `prepare` runs before anything is changed, unless
    there is no database yet. Raises DatabaseError for an unknown revision, and while another
    program has the database open.
    """
    before, newest = revision(database), head()
    if before == newest:
        return before
    if before is not None and before > newest:
        check(database)
    from emag import in_use, instance

    if before is None:
        _create_file(database)
    else:
        # An older program would go on writing into tables that it does not know.
        in_use.refuse_if_in_use(database)
        prepare()
    _run_revisions(database)
    instance.adopt(database) if before else instance.release(database)
    return before


def declared() -> "MetaData":
    """The tables as the rows declare them. It takes as long as to load all other commands."""
    from importlib import import_module

    from sqlmodel import SQLModel

    for module in ROWS:
        import_module(module)
    return SQLModel.metadata


def create(database: "Database", revision: str) -> None:
    """Creates the tables of a revision in a new database, and no mark: it is a copy."""
    _create_file(database)
    _run_revisions(database, revision)


def _create_file(database: "Database") -> None:
    file = database.url.database
    if database.is_sqlite and file and not Path(file).exists():
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        # It holds readers' addresses. SQLite gives its log files the same mode.
        Path(file).touch(0o600)


def _run_revisions(database: "Database", revision: str = "head") -> None:
    from alembic import command
    from alembic.config import Config

    declared()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _exclusive_transaction(database) as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)


@contextmanager
def _exclusive_transaction(database: "Database") -> Iterator["Connection"]:
    """Holds one transaction for a whole upgrade. A second process waits for it."""
    with database.engine.connect() as conn:
        if database.is_sqlite:
            # A batch rebuilds a table. With foreign keys on, dropping it would empty its children.
            conn.exec_driver_sql("PRAGMA foreign_keys=OFF")
            conn.commit()
        with conn.begin():
            conn.exec_driver_sql(
                "BEGIN IMMEDIATE"
                if database.is_sqlite
                else f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})"
            )
            yield conn
            if database.is_sqlite and conn.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise DatabaseError("The upgrade would break references and was undone")
        if database.is_sqlite:
            conn.exec_driver_sql("PRAGMA foreign_keys=ON")
