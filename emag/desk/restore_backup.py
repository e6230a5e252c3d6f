"""Puts a whole backup back: settings, templates and database, on this or another machine."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag.desk import backup_folder
from emag.desk.backup import KEY_CHECK
from emag.desk.backup_folder import DATABASE, BackupManifest
from emag.errors import EmagError
from emag.settings import Settings, parse
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class FoundBackup:
    """A backup's folder, and its manifest."""

    folder: Path
    manifest: BackupManifest

    @property
    def database(self) -> Path:
        """The copy of the database."""
        return self.folder / DATABASE


def find(place: Path) -> FoundBackup:
    """The backup in a folder; of several, the newest. Raises EmagError if it is damaged."""
    inside = backup_folder.all_in(place)
    folder = inside[-1] if inside else place
    return FoundBackup(folder, backup_folder.read(folder))


def settings_of(backup: FoundBackup, folder: Path) -> Settings:
    """The backup's settings, with the secrets of the folder that it is restored into."""
    text = (backup.folder / "emag.toml").read_text(encoding="utf-8")
    return parse(text, folder.resolve())


def refuse_other_key(backup: FoundBackup, keys: Keys) -> None:
    """Raises EmagError if links in the mails of this publication were signed with another key."""
    if backup.manifest.key_check not in keys.seals(KEY_CHECK):
        raise EmagError(
            "EMAG_SECRET_KEY is not the key of this backup, so no link in an old mail would work: "
            "put the publication's own key into .env. Nothing was changed"
        )


def put_files_back(backup: FoundBackup, folder: Path, *, now: datetime) -> tuple[str, ...]:
    """Puts settings and templates back. What differs is kept aside; returns under which names."""
    names = [name for name in backup.manifest.files if name != DATABASE]
    differing = backup_folder.differing(folder, backup.manifest)
    tops = sorted({Path(name).parts[0] for name in differing})
    aside = []
    for top in tops:
        if (folder / top).exists():
            aside.append(f"{top}.before-{now:%Y%m%dT%H%M%SZ}")
            (folder / top).rename(folder / aside[-1])
    wanted = [name for name in names if Path(name).parts[0] in tops]
    backup_folder.copy_files(backup.folder, folder, wanted)
    return tuple(aside)
