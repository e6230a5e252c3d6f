"""Writes a file of the publication's folder whole: nobody ever reads half of it."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp

from emag.errors import FileChanged

NEW = ""  # the fingerprint of a file that does not exist


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Lets one process at a time change the files of a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def fingerprint(file: Path) -> str:
    """A hash of what the file holds, for a form to carry."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except FileNotFoundError:
        return NEW


def check_unchanged(file: Path, based_on: str) -> None:
    """Raises FileChanged where the file is not as it was when `based_on` was taken."""
    if fingerprint(file) != based_on:
        raise FileChanged(
            f"{file.name} was changed after you opened this page, by somebody else or in another "
            "window. Nothing was saved: look at the new values, then save again."
        )


def write_text(file: Path, text: str) -> None:
    """Replaces the file in one step, and keeps its mode. A link is followed, not replaced.

    Raises OSError.
    """
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    mode = file.stat().st_mode & 0o7777 if file.exists() else 0o644
    handle, name = mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(text.encode())
            part.flush()
            os.fchmod(part.fileno(), mode)
            os.fsync(part.fileno())
        Path(name).replace(file)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """Makes the new name in the folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
