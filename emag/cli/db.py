"""The commands about the database: upgrade, vacuum, backup, restore, release."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import Call, login_name, now
from emag.errors import DatabaseError, EmagError

if TYPE_CHECKING:
    from emag.settings import Settings

File = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)]


def upgrade(call: Call) -> None:
    """Create the database, or upgrade it to this version of emag."""
    from emag import bootstrap, migrate

    settings = call.settings()
    database = bootstrap.connect(settings)
    try:
        before = bootstrap.upgrade(database, bootstrap.anchor(settings))
    finally:
        database.close()
    newest = migrate.head()
    texts = {None: "The database is created", newest: "The database is up to date"}
    call.output(
        {"before": before, "revision": newest},
        texts.get(before, f"The database is upgraded from {before} to {newest}"),
    )


def vacuum(call: Call) -> None:
    """Shrink the database: free the space of deleted rows."""
    from sqlalchemy.exc import OperationalError

    with call.database() as (_, database):
        before = database.size()
        try:
            database.vacuum()
        except OperationalError:
            raise DatabaseError("The database is in use: try again when nothing is sent") from None
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
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
) -> None:
    """Replace the database by a copy. The old one is kept beside it."""
    from emag import bootstrap
    from emag.desk import restore as desk

    settings = call.settings()
    anchor = bootstrap.anchor(settings)
    restored = desk.restore(_sqlite(settings), file, anchor=anchor, now=now(), by=login_name())
    aside = restored.aside
    call.output(
        {
            "file": str(file),
            "aside": str(aside) if aside else None,
            "stopped": list(restored.stopped),
        },
        f"The database is that of {file}"
        + (f"; the one it replaces is kept as {aside.name}" if aside else ""),
    )
    for number in restored.stopped:
        call.note(
            f"Issue {number} is stopped: it may have been sent since the copy was made. "
            "Check before you send it"
        )
    call.note("Readers who unsubscribed since the copy was made are active again: unsubscribe them")
    call.note("Nothing is sent until you run “emag db release” on the database that is to send")


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
