"""The command “emag backup”: the database, the settings, the templates and the pictures."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from emag.cli import output
from emag.cli.call import Call, now

if TYPE_CHECKING:
    from emag.database import Database
    from emag.desk.backup import BackupResult
    from emag.settings import Settings

APART = (
    "EMAG_SECRET_KEY and the other secrets of .env are not in it. Keep a copy of .env in another "
    "place: without the key, no link in an old mail works"
)


def backup(
    call: Call,
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Where the backup is put.")
    ],
    keep: Annotated[
        int | None,
        typer.Option(metavar="K", min=1, help="Remove all backups in DIR but the newest K."),
    ] = None,
) -> None:
    """Back up database, settings, templates and pictures, also while emag runs.

    “emag db restore” puts a backup back, on this or another machine. It holds readers' addresses.
    """
    from emag import bootstrap

    settings = call.settings()
    database = bootstrap.connect(settings)
    try:
        result = take(settings, database, folder, keep=keep)
    finally:
        database.close()
    call.output(
        {
            "folder": str(result.folder),
            "bytes": result.bytes,
            "readers": result.holdings.readers,
            "last_issue": result.holdings.last_issue,
            "removed": [str(path) for path in result.removed],
        },
        f"{result.folder} is a backup: {result.holdings}",
    )
    call.note(APART)


def take(
    settings: "Settings", database: "Database", folder: Path, *, keep: int | None
) -> "BackupResult":
    """Makes a backup with a progress bar where it has to be copied row by row."""
    from emag import bootstrap
    from emag.desk.backup import back_up

    keys = bootstrap.keys(settings)
    with output.progress_bar(sys.stderr, "Backup") as bar:
        return back_up(settings, database, folder, keys=keys, now=now(), keep=keep, watch=bar.at)
