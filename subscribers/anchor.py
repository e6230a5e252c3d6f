"""The anchor of the consent record: a sealed file outside the database that names its last entry.

Who can write to the database but has no key can delete entries and put an older sealed end back.
The anchor shows it: the chain must still contain the entry that the file names.

The file is written after each commit. After a crash in between it names an older entry, which the
chain contains too, so that is no false alarm. It only moves forward, and only along the chain: a
chain that was cut and grew again does not carry it along. On PostgreSQL each machine has a file of
its own in its own folder, and each is a witness by itself.
"""

import fcntl
import hmac
import logging
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, event, select

from subscribers import consent
from subscribers.errors import BrokenAnchor, MissingAnchor
from subscribers.tables import CONSENTS, LEDGER_HEADS
from subscribers.tokens import Keys

_PROGRESS = "consent entries written"  # in the `info` of a connection
_LINE = re.compile(r"emag consent anchor 1 (\d{20}) ([0-9a-f]{64}) ([0-9a-f]{64})\n")
_LENGTH = 173  # bytes of the line, always the same: it is overwritten in place

log = logging.getLogger("subscribers")


class Position(NamedTuple):
    """An entry of the chain by its number and hash; number 0 is the start."""

    sequence: int
    hash: str


START = Position(0, consent.START)


def note_entries(conn: Connection, start: Position, end: Position) -> None:
    """Notes in a transaction that it wrote the entries after `start` up to `end`."""
    first, _ = conn.info.get(_PROGRESS, (start, end))
    conn.info[_PROGRESS] = (first, end)


def _forget_entries(conn: Connection, *_: object) -> None:
    conn.info.pop(_PROGRESS, None)


def end_of_chain(conn: Connection) -> Position:
    """Gives the last entry, as the database states it."""
    row = conn.execute(select(LEDGER_HEADS.c.sequence, LEDGER_HEADS.c.hash)).one_or_none()
    return Position(*row) if row else START


def is_sealed_with(conn: Connection, keys: Keys) -> bool:
    """Says whether these keys sealed the end of the record; an empty record fits every key."""
    row = conn.execute(
        select(LEDGER_HEADS.c.sequence, LEDGER_HEADS.c.hash, LEDGER_HEADS.c.seal)
    ).one_or_none()
    return row is None or row.seal in keys.seals(f"{row.sequence}:{row.hash}")


def hash_of(conn: Connection, sequence: int) -> str:
    """Gives the hash of an entry; empty where there is none."""
    if not sequence:
        return consent.START
    query = select(CONSENTS.c.hash).where(CONSENTS.c.sequence == sequence)
    return str(conn.execute(query).scalar_one_or_none() or "")


class Anchor:
    """The sealed file at `path`."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self.path, self._keys = path, keys

    def follow(self, engine: Engine, after_commit: list[Callable[[Connection], None]]) -> None:
        """Moves the anchor after every commit that wrote entries."""
        event.listen(engine, "begin", _forget_entries)
        event.listen(engine, "rollback_savepoint", _forget_entries)
        after_commit.append(self._move)

    def read(self) -> Position:
        """Raises MissingAnchor, or BrokenAnchor for a file that we did not seal."""
        try:
            with self._open(os.O_RDONLY) as file:
                return self._parse(file)
        except FileNotFoundError:
            raise MissingAnchor(
                f"The anchor of the consent record, {self.path.name}, is missing. If nobody can "
                "have changed the database, run “emag db release” to write a new one."
            ) from None
        except OSError as error:
            raise BrokenAnchor(f"{self.path.name} cannot be read: {error.strerror}.") from error

    def renew(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        """Starts again from the present end of the chain, whatever the file says.

        Raises BrokenAnchor.
        """
        with reading() as conn:
            position = end_of_chain(conn)
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            with self._open(os.O_RDWR | os.O_CREAT | os.O_TRUNC, part) as file:
                os.write(file, self._format(position))
                os.fsync(file)
            part.replace(self.path)
        except OSError as error:
            raise BrokenAnchor(f"{self.path.name} cannot be written: {error.strerror}.") from error

    def create(self, reading: Callable[[], AbstractContextManager[Connection]]) -> None:
        """Writes the file if there is none. Raises BrokenAnchor."""
        if not self.path.exists():
            self.renew(reading)

    def _move(self, conn: Connection) -> None:
        """Moves to the end of what the last transaction wrote. Never raises: it is committed."""
        start, end = conn.info.pop(_PROGRESS, (None, None))
        if end is None:
            return
        try:
            with self._open(os.O_RDWR) as file:
                current = self._parse(file)
                if current.sequence < end.sequence and _is_on_chain(conn, current, start):
                    os.pwrite(file, self._format(end), 0)
        except (FileNotFoundError, BrokenAnchor):
            return  # `consent verify` says so
        except OSError as error:
            log.warning("%s cannot be written: %s", self.path.name, error.strerror)

    @contextmanager
    def _open(self, flags: int, path: Path | None = None) -> Iterator[int]:
        file = os.open(path or self.path, flags, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_SH if flags == os.O_RDONLY else fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)

    def _parse(self, file: int) -> Position:
        line = _LINE.fullmatch(os.pread(file, _LENGTH + 1, 0).decode("ascii", "replace"))
        if line:
            position = Position(int(line[1]), line[2])
            seals = self._keys.seals(_sealed(position))
            if any(hmac.compare_digest(seal, line[3]) for seal in seals):
                return position
        raise BrokenAnchor(
            f"The anchor of the consent record, {self.path.name}, was changed: its seal is wrong."
        )

    def _format(self, position: Position) -> bytes:
        seal = self._keys.seal(_sealed(position))
        return f"emag consent anchor 1 {position.sequence:020} {position.hash} {seal}\n".encode()


def _sealed(position: Position) -> str:
    return f"anchor:{position.sequence}:{position.hash}"


def _is_on_chain(conn: Connection, anchor: Position, start: Position) -> bool:
    """Says whether the entries after `start` continue the chain that the anchor names.

    Usually the anchor is at `start`. It is behind after a crash, or when another process wrote.
    """
    if anchor.sequence >= start.sequence:
        return anchor == start
    try:
        return hash_of(conn, anchor.sequence) == anchor.hash
    finally:
        conn.rollback()
