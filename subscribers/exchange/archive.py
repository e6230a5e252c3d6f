"""What a file holds: one table, or, in a zip as it is downloaded, several."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from subscribers.errors import WrongFile
from subscribers.exchange.sheet import Sheet, look_through

MOST_FILES = 100
MOST_BYTES = 4 << 30  # unpacked; nothing is ever unpacked as a whole
MOST_RATIO, UNSUSPICIOUS = 200, 16 << 20
_WORKBOOKS = ("[Content_Types].xml", "mimetype")
Opener = Callable[[], AbstractContextManager[IO[bytes]]]


def sheets(path: Path) -> list[Sheet]:
    """Raises WrongFile with a sentence."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == b"PK"
        if not is_packed:
            return [look_through(path.name, partial(_read, path))]
        return [look_through(name, opened) for name, opened in _members(path)]
    except OSError as error:
        raise WrongFile(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise WrongFile(f"{path.name} cannot be unpacked: {error}.") from error


def _read(path: Path) -> IO[bytes]:
    return path.open("rb")


def _members(path: Path) -> Iterator[tuple[str, Opener]]:
    with zipfile.ZipFile(path) as archive:
        found = archive.infolist()
    if any(info.filename in _WORKBOOKS for info in found):
        raise WrongFile(f"{path.name} is a workbook: save the list as CSV first.")
    tables = [info for info in found if _is_table(info.filename)]
    if not tables:
        raise WrongFile(f"{path.name} holds no CSV file.")
    if len(tables) > MOST_FILES or sum(info.file_size for info in tables) > MOST_BYTES:
        raise WrongFile(f"{path.name} holds too much: import its files one by one.")
    if any(_is_bomb(info) for info in tables):
        raise WrongFile(f"{path.name} unpacks to far more than any list: it is not read.")
    for info in tables:
        yield f"{path.name}/{info.filename}", partial(_open, path, info.filename)


def _is_bomb(info: zipfile.ZipInfo) -> bool:
    """A list packs to a tenth, one with long equal columns to a fiftieth."""
    return info.file_size > MOST_RATIO * info.compress_size and info.file_size > UNSUSPICIOUS


def _is_table(name: str) -> bool:
    """What a Mac packs beside every file is none."""
    return name.lower().endswith((".csv", ".tsv")) and not name.startswith("__MACOSX/")


@contextmanager
def _open(path: Path, member: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as raw:
        yield raw
