"""Settings in, newsroom out; the only module that names adapters."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe
from string import Template
from typing import TYPE_CHECKING

from emag.errors import DatabaseError, EmagError, SettingsError
from emag.returns import bounces, feedback, mailbox

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from emag.content.sources import Source
    from emag.database import Database
    from emag.mailing.transports import Transport
    from emag.newsroom import Newsroom
    from emag.schedule import Engine
    from emag.settings import Settings, SourceSettings
    from subscribers.tokens import Keys

# Made in a file of their own, asked for here.
__all__ = ["bounces", "feedback", "mailbox"]

MIGRATIONS = Path(__file__).parent / "migrations"
# Every module with tables: Alembic compares the database with all of them.
TABLES = (
    "emag.instance",
    "emag.content.tables",
    "emag.issues.tables",
    "emag.mailing.tables",
    "emag.schedule.tables",
    "subscribers.tables",
)
UPGRADE_LOCK = 20_380_116  # any number that nobody else locks on this PostgreSQL server


def open_newsroom(
    folder: Path, *, now: Callable[[], datetime], environ: Mapping[str, str] | None = None
) -> "Newsroom":
    """Everything the doors need. Raises SettingsError and DatabaseError, with what to do."""
    from emag.newsroom import Newsroom
    from emag.settings import load

    settings = load(folder, environ)
    return Newsroom(
        settings=settings,
        keys=keys(settings),
        sources=sources(settings),
        transport=transport(settings),
        feedback=feedback(settings, now),
        bounces=bounces(keys(settings), now),
        mailbox=mailbox(settings),
        now=now,
        database=open_database(settings),  # last: nothing after it fails and leaves it open
    )


def keys(settings: "Settings") -> "Keys":
    """What signs links and hides addresses; the same secret for as long as mails may be read."""
    from subscribers.tokens import Keys

    if not settings.environment.secret_key:
        place = settings.folder / ".env"
        raise SettingsError([f"EMAG_SECRET_KEY is not set: put the publication's key into {place}"])
    return Keys(settings.environment.secret_key)


def sources(settings: "Settings") -> "tuple[Source, ...]":
    return tuple(_source(settings, source) for source in settings.sources)


def _source(settings: "Settings", source: "SourceSettings") -> "Source":
    if source.kind == "folder":
        from emag.content.sources.folder import FolderSource

        path = settings.folder / source.path
        base_url = settings.publication.url or settings.base_url
        zone = settings.publication.zone
        return FolderSource(source.name, path, source.section, base_url, zone)
    from emag.content.sources.feed import FeedSource
    from emag.content.sources.jobs import JobsSource

    kind = JobsSource if source.kind == "jobs" else FeedSource
    return kind(
        source.name,
        source.url,
        source.section,
        timeout=source.timeout.total_seconds(),
        max_bytes=source.max_bytes,
        allow_private=settings.network.allow_private,
    )


def transport(settings: "Settings") -> "Transport":
    told, environment = settings.transport, settings.environment
    if told.kind == "smtp":
        from emag.mailing.transports.smtp import SmtpTransport

        return SmtpTransport(
            told.host,
            told.port,
            told.security,
            environment.smtp_username,
            environment.smtp_password,
            told.timeout.total_seconds(),
        )
    if told.kind == "sendgrid":
        from emag.mailing.transports.sendgrid import SendGridTransport

        if not environment.sendgrid_api_key:
            raise SettingsError(["EMAG_SENDGRID_API_KEY is not set, and transport.kind needs it"])
        return SendGridTransport(
            environment.sendgrid_api_key, environment.sendgrid_host, told.timeout.total_seconds()
        )
    from emag.mailing.transports.folder import FolderTransport

    return FolderTransport(settings.folder / told.path)


def engine(newsroom: "Newsroom") -> "Engine":
    """What runs the timetable inside `emag serve`, and `emag worker` alone."""
    if newsroom.settings.environment.engine == "embedded":
        from emag.schedule.embedded import EmbeddedEngine

        return EmbeddedEngine(newsroom)
    if newsroom.database.is_sqlite:
        raise SettingsError(["EMAG_ENGINE=procrastinate needs PostgreSQL: set EMAG_DATABASE_URL"])
    try:
        from emag.schedule.procrastinate import ProcrastinateEngine
    except ModuleNotFoundError:
        raise SettingsError(["EMAG_ENGINE=procrastinate: install emag[postgres]"]) from None
    return ProcrastinateEngine(newsroom)


def open_database(settings: "Settings") -> "Database":
    """The database, migrated. Raises DatabaseError with what to do where it is not."""
    database = connect(settings)
    try:
        check(database)
    except DatabaseError:
        database.close()
        raise
    return database


def connect(settings: "Settings") -> "Database":
    """The database as it stands, even empty or old."""
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    from emag.database import Database

    try:
        return Database(settings.database_url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        # Neither the URL nor the error is shown: it may hold a password.
        missing = isinstance(error, ModuleNotFoundError)
        raise SettingsError(
            [
                "EMAG_DATABASE_URL names a database whose driver is missing: install emag[postgres]"
                if missing
                else "EMAG_DATABASE_URL cannot be read: write it like "
                "postgresql://user:password@host/name, or leave it out for SQLite"
            ]
        ) from None


def check(database: "Database") -> None:
    """Raises DatabaseError, with what to do, unless the database is at the newest revision."""
    stands, newest = revision(database), head()
    if stands is None:
        raise DatabaseError("There is no database yet: run “emag db upgrade”")
    if stands < newest:
        raise DatabaseError("The database is from an older version: run “emag db upgrade”")
    if stands > newest:
        raise DatabaseError(
            f"The database has revision {stands}, which this version of emag does not know. "
            "If a newer version of emag wrote it, install that version. If a version before "
            "the first release wrote it, export the readers with that version "
            "and import them into a new publication"
        )


def head() -> str:
    """The newest revision shipped; files are called NNNN_what.py after their revision."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def revision(database: "Database") -> str | None:
    """Where the database stands, by one query and without Alembic; None for an empty one."""
    from sqlalchemy import exc, text

    file = database.url.database
    if database.is_sqlite and file and not Path(file).is_file():
        return None  # looking must not make an empty file
    try:
        with database.reading() as conn:
            known = conn.dialect.has_table(conn, "alembic_version")
            return conn.scalar(text("SELECT version_num FROM alembic_version")) if known else None
    except exc.DBAPIError as error:
        what = f"{file} is not a" if database.is_sqlite else "EMAG_DATABASE_URL leads to no"
        raise DatabaseError(
            f"{what} database that can be opened ({type(error.orig).__name__})"
        ) from None


def upgrade(database: "Database") -> str | None:
    """Brings the database to the newest revision and says where it stood; cheap if it is there."""
    stood, newest = revision(database), head()
    if stood == newest:
        _prepare_tasks(database)
        return stood
    if stood is not None and stood > newest:
        check(database)
    from importlib import import_module

    from alembic import command
    from alembic.config import Config

    for module in TABLES:
        import_module(module)
    if stood is None:
        _make_room(database)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _alone(database) as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
    from emag import instance

    instance.adopt(database) if stood else instance.release(database)
    _prepare_tasks(database)
    return stood


def _prepare_tasks(database: "Database") -> None:
    """Room for the tasks of EMAG_ENGINE=procrastinate, which only nudge."""
    if not database.is_sqlite:
        with suppress(ModuleNotFoundError):  # without that package no task is ever deferred
            from emag.schedule import procrastinate

            procrastinate.prepare(database)


def _make_room(database: "Database") -> None:
    file = database.url.database
    if database.is_sqlite and file and not Path(file).exists():
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch(0o600)  # it holds readers' addresses; its log files take its mode over


@contextmanager
def _alone(database: "Database") -> Iterator["Connection"]:
    """One transaction for a whole upgrade, which a second process waits for."""
    with database.engine.connect() as conn:
        if database.is_sqlite:
            # A batch rebuilds a table; with foreign keys on, dropping it would empty its children.
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


def init(folder: Path, *, environ: Mapping[str, str] | None = None) -> "Settings":
    """A new publication's folder. Raises EmagError where there is one already."""
    from emag.settings import load, shipped_templates

    folder = folder.resolve()
    for name in ("emag.toml", ".env", "emag.db"):
        if (folder / name).exists():
            raise EmagError(f"There is an {name} in {folder} already: nothing was changed")
    drafts = shipped_templates() / "publication"
    title = " ".join(re.findall(r"[^\W_]+", folder.name)).title() or "Our Magazine"
    secrets = {name: token_urlsafe(48) for name in ("secret_key", "signup_secret", "signup_token")}
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / ".env", (drafts / "env").read_text(), secrets, mode=0o600)
    _write(folder / "emag.toml", (drafts / "emag.toml").read_text(), {"title": title})
    settings = load(folder, environ)
    database = connect(settings)
    try:
        upgrade(database)
    finally:
        database.close()
    return settings


def _write(path: Path, draft: str, values: Mapping[str, str], *, mode: int = 0o644) -> None:
    text = Template(draft).substitute(values)
    # Exclusive and with its mode from the first byte: nobody reads a key in between.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
