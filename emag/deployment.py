"""Writes the files that run a publication on a server, with its folder and its address in them."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emag.errors import EmagError

if TYPE_CHECKING:
    from emag.settings import Settings

FOLDER = "deploy"  # in the publication's folder
LOCK = "requirements.lock"
# What stands in the shipped files, which are valid as they are.
_PLACE, _PROGRAM, _HOST, _NAME = "/srv/crier", "/opt/emag/bin/emag ", "mail.example.org", "crier"
_USABLE = re.compile(r"[\w./@+-]+")


@dataclass(frozen=True, slots=True)
class DeployFile:
    """One file, and whether it was written: one that is there already stays as it is."""

    path: Path
    is_new: bool


def shipped_files() -> dict[str, Path]:
    """The files as they ship, by name: in a wheel inside the package, else beside it."""
    here = Path(__file__).parent
    inside = here / "_deploy"
    folder = inside if inside.is_dir() else here.parent / FOLDER
    files = {file.name: file for file in sorted(folder.iterdir()) if file.is_file()}
    return files if inside.is_dir() else files | {LOCK: here.parent / "requirements.operator.lock"}


def write_deployment(settings: "Settings") -> list[DeployFile]:
    """Writes them into the publication's folder. Raises EmagError for a path they cannot hold."""
    if not _USABLE.fullmatch(str(settings.folder)):
        raise EmagError(
            f"{settings.folder} cannot be named in a systemd unit: choose a folder whose path is "
            "made of letters, digits and . _ - only"
        )
    folder = settings.folder / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        return list(_write(settings, folder))
    except OSError as error:
        raise EmagError(f"{error.filename} cannot be written: {error.strerror}") from None


def _write(settings: "Settings", folder: Path) -> Iterator[DeployFile]:
    for name, file in shipped_files().items():
        path = folder / name
        is_new = not path.exists()
        if is_new:
            path.write_text(filled_in(file.read_text(encoding="utf-8"), settings), "utf-8")
        yield DeployFile(path, is_new)


def filled_in(text: str, settings: "Settings") -> str:
    """The text with the publication's folder, name and host, and the program that runs now."""
    host = urlsplit(settings.base_url).hostname or ""
    values = {
        _PLACE: str(settings.folder),
        "/srv/%i": str(settings.folder.parent / "%i"),
        _PROGRAM: f"{Path(sys.prefix) / 'bin' / 'emag'} ",
        f"publication: {_NAME}": f"publication: {settings.folder.name}",
        f"emag@{_NAME}": f"emag@{settings.folder.name}",
        f"/etc/emag/{_NAME}": f"/etc/emag/{settings.folder.name}",
    }
    if settings.base_url.startswith("https://"):
        values[_HOST] = host
    pattern = re.compile("|".join(map(re.escape, values)))
    return pattern.sub(lambda match: values[match[0]], text)
