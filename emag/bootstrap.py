"""Builds the newsroom from the settings, with its adapters."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from emag import channels, migrate, organisation
from emag.errors import DatabaseError, SettingsError
from emag.sources import outside, pages, sources

if TYPE_CHECKING:
    from emag.content.pictures.picture import PictureFetcher
    from emag.database import Database
    from emag.live import LiveNewsroom
    from emag.mailing.returns.bounces import BounceReader
    from emag.mailing.returns.mailbox import Mailbox
    from emag.mailing.returns.webhooks import Feedback
    from emag.mailing.transports import Transport
    from emag.newsroom import Newsroom
    from emag.schedule import Engine
    from emag.settings import Settings
    from subscribers.anchor import Anchor
    from subscribers.desk import ReaderDesk
    from subscribers.tokens import Keys


def open_newsroom(
    folder: Path, *, now: Callable[[], datetime], environ: Mapping[str, str] | None = None
) -> "Newsroom":
    """Opens what a command or a page needs. Raises SettingsError and DatabaseError."""
    from emag.mailing.sending.sender import Sender, Terms
    from emag.newsroom import Newsroom
    from emag.settings import load

    settings = load(folder, environ)
    outgoing = transport(settings)
    newsroom_of = partial(
        Newsroom,
        settings=settings,
        keys=keys(settings),
        sources=sources(settings, now),
        feedback=feedback(settings, now),
        bounces=bounces(keys(settings), now),
        mailbox=mailbox(settings),
        pages=pages(settings),
        pictures=pictures(settings),
        outside=outside(settings),
        work_accounts=organisation.work_accounts(settings),
        alerts=channels.alert_channels(settings),
        now=now,
    )
    database = open_database(settings)  # last, so that no later error leaves it open
    sender = Sender(database, outgoing, Terms.of(settings), now)
    return newsroom_of(database=database, sender=sender, readers=readers(settings, database, now))


def open_live(
    folder: Path, *, now: Callable[[], datetime], environ: Mapping[str, str] | None = None
) -> "LiveNewsroom":
    """Opens a newsroom that follows its settings' files. Raises as `open_newsroom` does."""
    from emag.live import LiveNewsroom, take_stamp
    from emag.settings import load

    stamp = take_stamp(folder.resolve())
    newsroom = open_newsroom(folder, now=now, environ=environ)
    reread = partial(load, newsroom.settings.folder, environ)
    return LiveNewsroom(newsroom, stamp, reread=reread, renew=renewed)


def renewed(newsroom: "Newsroom", settings: "Settings") -> "Newsroom":
    """The newsroom with other settings, on the same database and transport."""
    from emag.mailing.sending.sender import Terms

    return replace(
        newsroom,
        settings=settings,
        sources=sources(settings, newsroom.now),
        sender=newsroom.sender.on(Terms.of(settings)),
        feedback=feedback(settings, newsroom.now),
        mailbox=mailbox(settings),
        pages=pages(settings),
        pictures=pictures(settings),
        outside=outside(settings),
        work_accounts=organisation.work_accounts(settings),
        alerts=channels.alert_channels(settings),
        readers=replace(newsroom.readers, topics=settings.signup.topics),
    )


def keys(settings: "Settings") -> "Keys":
    """Returns the keys that sign links and hash addresses. A new secret ends all old links."""
    from subscribers.tokens import Keys

    if not settings.environment.secret_key:
        where = f"put the publication's key into {settings.folder / '.env'}"
        raise SettingsError([f"EMAG_SECRET_KEY is not set: {where}"])
    return Keys(settings.environment.secret_key)


def anchor(settings: "Settings") -> "Anchor":
    """Returns the anchor of the consent record, a file in the publication's folder."""
    from subscribers.anchor import Anchor

    return Anchor(settings.folder / "consent.anchor", keys(settings))


def readers(
    settings: "Settings", database: "Database", now: Callable[[], datetime]
) -> "ReaderDesk":
    """Returns what an editor can do with readers."""
    from emag.readers import reader_desk

    return reader_desk(settings, database, anchor(settings), keys(settings), now)


def pictures(settings: "Settings") -> "PictureFetcher":
    from emag.content.sources.pictures import WebPictures

    return WebPictures(allow_private=settings.network.allow_private)


def transport(settings: "Settings") -> "Transport":
    options, environment = settings.transport, settings.environment
    if options.kind == "smtp":
        from emag.mailing.transports.smtp import SmtpTransport

        server = options.host, options.port, options.security
        login = environment.smtp_username, environment.smtp_password
        return SmtpTransport(*server, *login, options.timeout.total_seconds())
    if options.kind == "sendgrid":
        from emag.mailing.transports.sendgrid import SendGridTransport
        from emag.mailing.transports.sendgrid_request import SendGridAccount

        if not environment.sendgrid_api_key:
            raise SettingsError(["EMAG_SENDGRID_API_KEY is not set, and transport.kind needs it"])
        account = SendGridAccount(**settings.sendgrid.model_dump(exclude={"region"}))
        host, seconds = settings.sendgrid_host, options.timeout.total_seconds()
        return SendGridTransport(environment.sendgrid_api_key, host, seconds, account)
    from emag.mailing.transports.folder import FolderTransport

    return FolderTransport(settings.folder / options.path)


def feedback(settings: "Settings", now: Callable[[], datetime]) -> "Mapping[str, Feedback]":
    """Returns the readers of providers' reports, by the name in /hooks/feedback/NAME.

    A provider without the key that verifies its reports is left out.
    """
    environment = settings.environment
    readers: dict[str, Feedback] = {}
    if environment.sendgrid_webhook_key:
        from emag.mailing.returns.webhooks.sendgrid import SendGridFeedback

        readers["sendgrid"] = SendGridFeedback(environment.sendgrid_webhook_key)
    if environment.postmark_webhook_username and environment.postmark_webhook_password:
        from emag.mailing.returns.webhooks.postmark import PostmarkFeedback

        login = environment.postmark_webhook_username, environment.postmark_webhook_password
        readers["postmark"] = PostmarkFeedback(*login, now=now)
    if environment.mailgun_signing_key:
        from emag.mailing.returns.webhooks.mailgun import MailgunFeedback

        readers["mailgun"] = MailgunFeedback(environment.mailgun_signing_key, now=now)
    if settings.feedback.ses_topics:
        from emag.mailing.returns.webhooks.ses import SesFeedback

        readers["ses"] = SesFeedback(settings.feedback.ses_topics, now=now)
    return readers


def bounces(keys: "Keys", now: Callable[[], datetime]) -> "BounceReader":
    """Returns the reader of bounce mail. It acts only on messages that carry our signature."""
    from emag.mailing.returns.bounces.bounce_mail import BounceMail
    from subscribers.errors import BadToken

    def is_mark(mark: str) -> bool:
        return any(keys.read_short(purpose, mark) is not None for purpose in ("bounce", "confirm"))

    def is_link_token(token: str) -> bool:
        try:
            return bool(keys.read("unsubscribe", token, now=now()))
        except BadToken:
            return False

    return BounceMail(is_mark, is_link_token, now)


def mailbox(settings: "Settings") -> "Mailbox | None":
    """Returns the mailbox that bounces arrive in, or None if none is configured."""
    options, environment = settings.mailbox, settings.environment
    if options.kind == "none":
        return None
    if not all(login := (environment.mailbox_username, environment.mailbox_password)):
        names = "EMAG_MAILBOX_USERNAME and EMAG_MAILBOX_PASSWORD"
        raise SettingsError([f"mailbox.kind is “{options.kind}”, and {names} are not both set"])
    from emag.mailing.returns.mailbox.account import Account

    server = options.host, options.connect_port, options.security
    account = Account(*server, *login, options.timeout.total_seconds())
    if options.kind == "imap":
        from emag.mailing.returns.mailbox.imap import ImapMailbox

        return ImapMailbox(account, folder=options.folder, remove=options.remove)
    from emag.mailing.returns.mailbox.pop3 import Pop3Mailbox

    return Pop3Mailbox(account, remove=options.remove)


def engine(current: "Callable[[], Newsroom]") -> "Engine":
    """Returns the engine that runs the timetable. `current` gives the newsroom for a round."""
    newsroom = current()
    if newsroom.settings.environment.engine == "embedded":
        from emag.schedule.embedded import EmbeddedEngine

        return EmbeddedEngine(current)
    if newsroom.database.is_sqlite:
        raise SettingsError(["EMAG_ENGINE=procrastinate needs PostgreSQL: set EMAG_DATABASE_URL"])
    try:
        from emag.schedule.procrastinate import ProcrastinateEngine
    except ModuleNotFoundError:
        raise SettingsError(["EMAG_ENGINE=procrastinate: install emag[postgres]"]) from None
    return ProcrastinateEngine(current)


def open_database(settings: "Settings") -> "Database":
    """Opens the database. Raises DatabaseError unless it is at the newest revision."""
    database = connect(settings)
    try:
        _check(database, settings)
    except DatabaseError:
        database.close()
        raise
    return database


def _check(database: "Database", settings: "Settings") -> None:
    try:
        migrate.check(database)
    except DatabaseError:
        if settings.environment.secret_key and migrate.revision(database) is None:
            migrate.refuse_if_lost(anchor(settings))
        raise


def connect(settings: "Settings") -> "Database":
    """Opens the database, whatever its revision. Raises SettingsError for a bad URL."""
    database = connect_to(settings.database_url, "EMAG_DATABASE_URL")
    if settings.environment.secret_key:
        anchor(settings).follow(database.engine, database.after_commit)
    return database


def connect_to(url: str, name: str) -> "Database":
    """Opens the database at a URL, which the sentence calls `name`. Raises SettingsError."""
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    from emag.database import Database

    try:
        return Database(url)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        # The URL and the error may hold a password, so neither is shown.
        fault = "names a database whose driver is missing: install emag[postgres]"
        is_postgresql = url.startswith(("postgresql", "postgres"))
        if not (is_postgresql and isinstance(error, ModuleNotFoundError)):
            form = "postgresql://user:password@host/name"
            fault = f"cannot be read: write it like {form}, or leave it out for SQLite"
        raise SettingsError([f"{name} {fault}"]) from None


def upgrade(
    database: "Database",
    anchor: "Anchor | None" = None,
    *,
    prepare: Callable[[], object] = lambda: None,
) -> str | None:
    """Upgrades the tables, and the queue of tasks on PostgreSQL. Returns the revision before it.

    A new database gets a new anchor of its consent record. `prepare` runs before older tables are
    changed.
    """
    if anchor and migrate.revision(database) is None:
        migrate.refuse_if_lost(anchor)
    before = migrate.upgrade(database, prepare=prepare)
    if before is None and anchor:
        anchor.create(database.reading)
    if not database.is_sqlite:
        with suppress(ModuleNotFoundError):  # without that package there are no tasks
            from emag.schedule import procrastinate

            procrastinate.prepare(database)
    return before
