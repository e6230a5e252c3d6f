"""Makes a backup of a publication: its database, settings, templates and pictures."""

import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag import __version__, copies, instance, migrate, transfer
from emag.database import Database
from emag.desk import backup_folder
from emag.desk.backup_folder import DATABASE, BackupManifest
from emag.desk.holdings import Holdings, holdings
from emag.errors import DatabaseError, EmagError
from emag.settings import Settings
from subscribers.tokens import Keys

KEY_CHECK = "backup"  # what is sealed with the key, to recognise the key later


@dataclass(frozen=True, slots=True)
class BackupResult:
    """A new backup, its size, and the older ones that were removed for it."""

    folder: Path
    bytes: int
    holdings: Holdings
    removed: tuple[Path, ...]


def back_up(
    settings: Settings,
    database: Database,
    parent: Path,
    *,
    keys: Keys,
    now: datetime,
    keep: int | None = None,
    watch: Callable[[int, int], None] = lambda _copied, _total: None,
) -> BackupResult:
    """Writes a new folder into `parent`, also while emag runs. Raises EmagError.

    EMAG_SECRET_KEY and the other secrets are not in it: who finds a backup cannot sign links. The
    folder has its name only once it is whole. `keep` is how many remain, this one included.
    """
    revision = migrate.revision(database)
    if revision is None:
        raise DatabaseError("There is no database yet: run “emag db upgrade”")
    folder = backup_folder.new_folder(parent, now)
    part = folder.with_name(f".{folder.name}.part")
    try:
        part.mkdir(parents=True, mode=0o700)
        held = _copy_database(database, part / DATABASE, revision, watch)
        names = backup_folder.own_files(settings.folder, _named_files(settings))
        backup_folder.copy_files(settings.folder, part, names)
        title, check = settings.publication.title, keys.seal(KEY_CHECK)
        counts = held.readers, held.last_issue
        manifest = BackupManifest(__version__, revision, title, now.isoformat(), *counts, check)
        backup_folder.seal(part, manifest)
        part.rename(folder)
        removed = backup_folder.forget(parent, keep=keep) if keep else []
    except OSError as error:
        where = error.filename or parent
        raise EmagError(
            f"{where} cannot be written: {error.strerror}. No backup was made"
        ) from None
    finally:
        with suppress(OSError):
            shutil.rmtree(part)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return BackupResult(folder, size, held, tuple(removed))


def _named_files(settings: Settings) -> list[str]:
    """The files that emag.toml names: stories in folders, and the list of disposable domains."""
    return [settings.signup.disposable, *(source.path for source in settings.sources)]


def _copy_database(
    database: Database, file: Path, revision: str, watch: Callable[[int, int], None]
) -> Holdings:
    """Writes the database as one SQLite file, also that of PostgreSQL."""
    if database.is_sqlite:
        copies.copy(Path(database.url.database or ""), file)
    else:
        with closing(Database(f"sqlite:///{file}")) as copy:
            migrate.create(copy, revision)
            transfer.copy_rows(database, copy, watch=watch)
            instance.hold(copy, "This database is a backup")
        copies.close_log(file)
    copies.examine(file)
    with closing(Database(f"sqlite:///{file}")) as copy, copy.reading() as conn:
        counted = holdings(conn)
    copies.close_log(file)
    return counted
