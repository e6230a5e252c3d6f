"""The database: upgrade it, tidy it, copy it, put a copy back, say which one sends."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli.call import Call, login_name, now
from emag.errors import DatabaseError, EmagError

if TYPE_CHECKING:
    from emag.settings import Settings

File = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)]


def upgrade(call: Call) -> None:
    """Make the database, or bring it to this version."""
    from emag import bootstrap, migrate

    database = bootstrap.connect(call.settings())
    try:
        stood = bootstrap.upgrade(database)
    finally:
        database.close()
    newest = migrate.head()
    said = {None: "The database is made", newest: "The database is up to date"}
    call.output(
        {"before": stood, "revision": newest},
        said.get(stood, f"The database is upgraded from {stood} to {newest}"),
    )


def vacuum(call: Call) -> None:
    """Write the database anew, without the room that deleted rows have left."""
    from sqlalchemy.exc import OperationalError

    with call.database() as (_, database):
        before = database.size()
        try:
            database.vacuum()
        except OperationalError:
            raise DatabaseError("The database is in use: try again in a quiet moment") from None
        after = database.size()
    said = f"The database is written anew: {after:,} bytes, and {before:,} before"
    call.output({"before": before, "after": after}, said)


def backup(call: Call, file: File) -> None:
    """Copy the database while it is in use; the copy holds readers' addresses."""
    from emag import copies

    database = _sqlite(call.settings())
    size = copies.backup(database, file)
    call.output({"file": str(file), "bytes": size}, f"{file} is a copy of the database")


def restore(call: Call, file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)]) -> None:
    """Put a copy back. The present database is kept beside it."""
    from emag.desk import restore as desk

    restored = desk.restore(_sqlite(call.settings()), file, now=now(), by=login_name())
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
    """Let a copied or restored database send: the original must not any more."""
    from emag import bootstrap, instance

    database = bootstrap.open_database(call.settings())
    try:
        why = instance.held(database)
        instance.release(database)
    finally:
        database.close()
    call.output(
        {"was_held": bool(why), "reason": why},
        "This database sends from now on" if why else "This database sends already",
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
