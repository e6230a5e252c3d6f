"""The commands about the database: upgrade, vacuum, backup, restore, move, release."""

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli import output
from emag.cli.backup import take
from emag.cli.call import Call, login_name, now
from emag.errors import DatabaseError, EmagError

if TYPE_CHECKING:
    from emag.desk.restore import Restored
    from emag.desk.restore_backup import FoundBackup
    from emag.settings import Settings

File = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)]


def upgrade(call: Call) -> None:
    """Create the database, or upgrade it to this version of emag."""
    from emag import bootstrap, migrate

    settings = call.settings()
    folder = settings.folder / settings.backup.folder

    with closing(bootstrap.connect(settings)) as database:

        def prepare() -> None:
            backup = take(settings, database, folder, keep=settings.backup.keep)
            call.note(f"{backup.folder} is a backup of the database as it was")

        before = bootstrap.upgrade(database, bootstrap.anchor(settings), prepare=prepare)
    newest = migrate.head()
    texts = {None: "The database is created", newest: "The database is up to date"}
    call.output(
        {"before": before, "revision": newest},
        texts.get(before, f"The database is upgraded from {before} to {newest}"),
    )


def vacuum(call: Call) -> None:
    """Shrink the database: free the space of deleted rows."""
    from sqlalchemy.exc import OperationalError

    from emag.database_faults import explain

    with call.database() as (_, database):
        before = database.size()
        try:
            database.vacuum()
        except OperationalError as error:
            reason = explain(error) or "The database is in use: try again when nothing is sent"
            raise DatabaseError(reason) from None
        after = database.size()
    text = f"The database has {after:,} bytes, {before:,} before"
    call.output({"before": before, "after": after}, text)


def backup(call: Call, file: File) -> None:
    """Copy the database to a file, also while it is in use. The file holds readers' addresses."""
    from emag import copies

    database = _sqlite(call.settings())
    size = copies.backup(database, file)
    call.output({"file": str(file), "bytes": size}, f"{file} is a copy of the database")


def restore(
    call: Call,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, help="A backup's folder, or a copy of the database."
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what the copy holds. Change nothing.")
    ] = False,
) -> None:
    """Put a backup in place of the present database. The old one is kept beside it.

    A backup's folder brings its settings and templates too. Nothing is sent until it is released.
    """
    from emag import bootstrap, in_use
    from emag.desk import restore_backup

    backup = restore_backup.find(file) if file.is_dir() else None
    settings = restore_backup.settings_of(backup, call.folder) if backup else call.settings()
    if backup:
        restore_backup.refuse_other_key(backup, bootstrap.keys(settings))
    if dry_run:
        _rehearse(call, settings, file, backup)
        return
    aside: tuple[str, ...] = ()
    if backup:
        with closing(bootstrap.connect(settings)) as database:
            in_use.refuse_if_in_use(database)
        aside = restore_backup.put_files_back(backup, settings.folder, now=now())
    restored = _put_back(settings, backup.database if backup else file)
    _print_restored(call, file, restored, aside)


def _put_back(settings: "Settings", file: Path) -> "Restored":
    from emag import bootstrap
    from emag.desk import restore as desk

    anchor = bootstrap.anchor(settings)
    with closing(bootstrap.connect(settings)) as database:
        if not database.is_sqlite:
            return desk.restore_into(database, file, anchor=anchor, now=now(), by=login_name())
    return desk.restore(_sqlite(settings), file, anchor=anchor, now=now(), by=login_name())


def _print_restored(
    call: Call, file: Path, restored: "Restored", settings_aside: tuple[str, ...]
) -> None:
    aside = restored.aside
    call.output(
        {
            "file": str(file),
            "aside": str(aside) if aside else None,
            "files_aside": list(settings_aside),
            "stopped": list(restored.stopped),
            "readers": restored.holdings.readers,
            "last_issue": restored.holdings.last_issue,
        },
        f"The database is that of {file}: {restored.holdings}, held until released"
        + (f"; the one it replaces is kept as {aside.name}" if aside else ""),
        *(f"What was there before is kept as {name}" for name in settings_aside),
    )
    for number in restored.stopped:
        call.note(
            f"Issue {number} is stopped: it may have been sent since the copy was made. "
            "Check before you send it"
        )
    call.note("Readers who unsubscribed since the copy was made are active again: unsubscribe them")
    call.note("Nothing is sent until you run “emag db release” on the database that is to send")


def _rehearse(call: Call, settings: "Settings", file: Path, backup: "FoundBackup | None") -> None:
    from emag import bootstrap
    from emag.desk import restore as desk

    copy, keys = backup.database if backup else file, bootstrap.keys(settings)
    holdings, consent = desk.rehearse(settings, copy, keys=keys, now=now())
    taken_at = backup.manifest.taken_at if backup else None
    call.output(
        {
            "file": str(backup.folder if backup else file),
            "dry_run": True,
            "taken_at": taken_at,
            "readers": holdings.readers,
            "last_issue": holdings.last_issue,
            "consent": {"ok": consent.ok, "rows": consent.rows},
        },
        f"{holdings}, held until released; nothing was changed",
        *([f"The backup was taken at {taken_at}"] if taken_at else []),
        *(consent.faults or ("The record of consent is whole",)),
    )
    if not consent.ok:
        raise typer.Exit(1)


def move(
    call: Call,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="An empty database: postgresql://… or sqlite:////path/emag.db"
        ),
    ],
) -> None:
    """Move everything to an empty database, SQLite or PostgreSQL. Old links go on working.

    Stop “emag serve” first. Both databases are held until you release the one that is to send.
    """
    from emag import bootstrap
    from emag.desk.move import move as move_rows

    with (
        call.database() as (settings, source),
        closing(bootstrap.connect_to(url, "The URL")) as target,
        output.progress_bar(sys.stderr, "Rows") as bar,
    ):
        moved = move_rows(
            source,
            target,
            prepare=bootstrap.upgrade,
            verify=lambda database: bootstrap.readers(settings, database, now).verify(),
            watch=bar.at,
        )
        place = target.url.render_as_string(hide_password=True)
    total = sum(moved.rows.values())
    call.output(
        {
            "to": place,
            "rows": total,
            "tables": moved.rows,
            "readers": moved.holdings.readers,
            "last_issue": moved.holdings.last_issue,
            "consent": {"ok": moved.consent.ok, "rows": moved.consent.rows},
        },
        f"{total:,} rows are in {place}: {moved.holdings}, held until released",
        *(moved.consent.faults or ("The record of consent is whole",)),
    )
    call.note("Put this URL into EMAG_DATABASE_URL, and run “emag db release”. Then start emag")
    if not moved.consent.ok:
        raise typer.Exit(1)


def release(call: Call) -> None:
    """Allow a copied or restored database to send. The original must no longer be used."""
    from emag import bootstrap
    from emag.desk import restore as desk

    with call.database() as (settings, database):
        reason = desk.release(database, anchor=bootstrap.anchor(settings))
    call.output(
        {"was_held": bool(reason), "reason": reason},
        "This database sends from now on" if reason else "This database sends already",
    )


def _sqlite(settings: "Settings") -> Path:
    from emag import bootstrap

    database = bootstrap.connect(settings)
    database.close()
    if not database.is_sqlite:
        raise DatabaseError(
            "The database is PostgreSQL: copy it with pg_dump, and put it back with pg_restore"
        )
    if not database.url.database:
        raise EmagError("A database in memory cannot be copied")
    return Path(database.url.database)
