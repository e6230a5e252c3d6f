"""Examines the files of the publication: who may read them, and whether emag may write them."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from emag.doctor.problem import Problem
from emag.settings import Settings

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_SECRET = (".env", "emag.db", "consent.anchor")


def examine(settings: Settings) -> Iterator[Problem]:
    folder = settings.folder
    if not os.access(folder, os.W_OK):
        sentence = f"{folder} cannot be written by this user: change its owner or permissions"
        yield Problem("files", sentence)
    for name in _SECRET:
        yield from _private(folder / name, folder)
    yield from _backups(folder / settings.backup.folder, settings)


def _private(path: Path, folder: Path) -> Iterator[Problem]:
    if not path.exists():
        return
    facts = path.stat()
    if facts.st_mode & stat.S_IRWXO or (path.name == ".env" and facts.st_mode & _OTHERS):
        message = f"{path.name} can be read by other users of this machine: chmod 600 {path}"
        yield Problem("files", message, "warn")
    if not os.access(path, os.R_OK | os.W_OK):
        sentence = f"{path.name} cannot be read and written by this user: change its owner"
        yield Problem("files", sentence)
    elif facts.st_uid != folder.stat().st_uid:
        message = f"{path.name} and its folder belong to different users"
        yield Problem("files", f"{message}: chown both to the user that runs emag", "warn")


def _backups(folder: Path, settings: Settings) -> Iterator[Problem]:
    if settings.backup.at is None:
        return
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        message = f"backup.folder {folder} cannot be written, so no backup is made: change it"
        yield Problem("files", message, "warn")
