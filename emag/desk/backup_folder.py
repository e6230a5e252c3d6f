"""One backup as a folder: its name, what is in it, and which ones are kept."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from emag.errors import EmagError

MANIFEST, DATABASE = "manifest.json", "emag.db"
_NAME = re.compile(r"emag-\d{8}T\d{6}Z(-\d+)?")


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds. `key_check` tells the right EMAG_SECRET_KEY from another one."""

    version: str
    revision: str
    title: str
    taken_at: str
    readers: int
    last_issue: int | None
    key_check: str
    files: dict[str, str] = field(default_factory=dict)  # the SHA-256 of each


def new_folder(parent: Path, now: datetime) -> Path:
    """The path of a new backup, which does not exist yet."""
    name = f"emag-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    paths = [parent / name, *(parent / f"{name}-{number}" for number in range(2, 100))]
    return next(path for path in paths if not path.exists())


def all_in(parent: Path) -> list[Path]:
    """The backups in a folder, the oldest first."""
    if not parent.is_dir():
        return []
    names = (path for path in parent.iterdir() if _NAME.fullmatch(path.name))
    return sorted(path for path in names if (path / MANIFEST).is_file())


def forget(parent: Path, *, keep: int) -> list[Path]:
    """Removes all backups but the newest ones. Returns those that it removed."""
    old = all_in(parent)[:-keep]
    for path in old:
        shutil.rmtree(path)
    return old


def seal(folder: Path, manifest: BackupManifest) -> BackupManifest:
    """Writes the manifest with the hash of each file."""
    hashes = {name: _hash(folder / name) for name in _files(folder)}
    whole = BackupManifest(**(asdict(manifest) | {"files": hashes}))
    text = json.dumps(asdict(whole), ensure_ascii=False, indent=2, sort_keys=True)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return whole


def read(folder: Path) -> BackupManifest:
    """Reads the manifest, and compares each file with it. Raises EmagError."""
    try:
        manifest = BackupManifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        changed = [
            name
            for name, digest in manifest.files.items()
            if not (folder / name).is_file() or _hash(folder / name) != digest
        ]
    except (OSError, ValueError, TypeError, AttributeError):
        raise EmagError(f"{folder} is not a backup of emag: it has no {MANIFEST}") from None
    if DATABASE not in manifest.files or any(_leaves(name) for name in manifest.files):
        raise EmagError(f"{folder} is not a backup of emag: its {MANIFEST} was changed")
    if changed:
        raise EmagError(f"{folder} is damaged ({', '.join(changed[:3])}): use another backup")
    return manifest


def own_files(folder: Path, more: Iterable[str] = ()) -> Iterator[str]:
    """The files of a publication that its editors wrote: settings, templates, and `more`."""
    for name in dict.fromkeys(("emag.toml", "templates", *more)):
        path = folder / name
        if not name or _leaves(name):
            continue
        if path.is_file():
            yield name
        elif path.is_dir():
            yield from (f"{name}/{inner}" for inner in _files(path))


def copy_files(source: Path, target: Path, names: Iterable[str]) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / name, target / name)


def differing(folder: Path, manifest: BackupManifest) -> Sequence[str]:
    """The backup's files that the publication's folder does not have in the same form."""
    return [
        name
        for name, digest in manifest.files.items()
        if name != DATABASE and not ((folder / name).is_file() and _hash(folder / name) == digest)
    ]


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in paths)
    return sorted(name for name in names if name != MANIFEST)


def _leaves(name: str) -> bool:
    """Says that a path leads out of the folder."""
    return Path(name).is_absolute() or ".." in Path(name).parts


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
