"""The tables of a file: one, or several in a zip as it was downloaded.

A zip can claim to hold far more than anybody could read (a “zip bomb”). All its claims are checked
before anything is unpacked, against the size of the file itself. So the time is bounded, whichever
way the zip is built: many members, members that share their bytes, or a huge directory.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from subscribers.errors import WrongFile
from subscribers.exchange.sheet import Sheet, read_sheet

MAX_ENTRIES = 1_000  # of every kind
MAX_TABLES = 100
MAX_BYTES = 1 << 30  # unpacked, all tables together; no table is ever unpacked into memory
# A list packs to a tenth, one with long equal columns to a fiftieth. Small files are always read.
MAX_RATIO, ALWAYS_ALLOWED = 100, 16 << 20
_ENTRY = b"PK\x01\x02"  # how each entry of a zip's directory begins
_BLOCK = 1 << 20
_WORKBOOKS = ("[Content_Types].xml", "mimetype")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others may ask for gigabytes of memory
Opener = Callable[[], AbstractContextManager[IO[bytes]]]


def sheets(path: Path) -> list[Sheet]:
    """Reads the header of each table. Raises WrongFile with a sentence."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == b"PK"
        if not is_packed:
            return [read_sheet(path.name, partial(_read, path))]
        return [read_sheet(name, opened) for name, opened in _members(path)]
    except OSError as error:
        raise WrongFile(f"{path.name} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        raise WrongFile(f"{path.name} cannot be unpacked: {error}.") from error


def _read(path: Path) -> IO[bytes]:
    return path.open("rb")


def _members(path: Path) -> Iterator[tuple[str, Opener]]:
    if _count_entries(path) > MAX_ENTRIES:
        raise WrongFile(f"{path.name} holds too many files: import its lists one by one.")
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
    if any(entry.filename in _WORKBOOKS for entry in entries):
        raise WrongFile(f"{path.name} is a workbook: save the list as CSV first.")
    tables = [entry for entry in entries if _is_table(entry.filename)]
    _check_size(path, tables)
    for table in tables:
        yield f"{path.name}/{table.filename}", partial(_open, path, table.filename)


def _count_entries(path: Path) -> int:
    """Counts the entries without reading the directory, which may hold millions."""
    count, tail = 0, b""
    with path.open("rb") as raw:
        while block := raw.read(_BLOCK):
            count += (tail + block).count(_ENTRY)
            tail = block[-len(_ENTRY) + 1 :]
    return count


def _check_size(path: Path, tables: Sequence[zipfile.ZipInfo]) -> None:
    """Raises WrongFile for a zip whose tables are no lists that anybody has."""
    if not tables:
        raise WrongFile(f"{path.name} holds no CSV file.")
    if any(table.compress_type not in _METHODS for table in tables):
        raise WrongFile(f"{path.name} is packed in an unusual way: pack it as an ordinary zip.")
    unpacked, packed = sum(table.file_size for table in tables), path.stat().st_size
    if len(tables) > MAX_TABLES or unpacked > MAX_BYTES:
        raise WrongFile(f"{path.name} holds too much: import its files one by one.")
    if unpacked > ALWAYS_ALLOWED and unpacked > MAX_RATIO * packed:
        raise WrongFile(f"{path.name} unpacks to far more than any list: it is not read.")


def _is_table(name: str) -> bool:
    """Leaves out what a Mac packs beside every file."""
    return name.lower().endswith((".csv", ".tsv")) and not name.startswith("__MACOSX/")


@contextmanager
def _open(path: Path, member: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(member) as raw:
        yield raw
