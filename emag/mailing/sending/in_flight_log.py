"""The in-flight log: which messages are on the wire, in a file that survives a killed process."""

import mmap
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from emag.mailing.delivery import Outcome

LARGEST_GROUP = 64  # messages
_NUMBER = struct.Struct("=Q")
# A slot: how many messages, their delivery numbers, one octet of progress for each.
_SLOT = _NUMBER.size * (1 + LARGEST_GROUP) + LARGEST_GROUP


class WireProgress(IntEnum):
    """How far a message has got."""

    NOT_SENT = 0  # not begun, or the server refused it: certainly not handed over
    LEAVING = 1  # its last octet may have left: the outcome is unknown
    ACCEPTED = 2  # the server has accepted it


_AFTER: dict[Outcome | None, int] = {
    None: int(WireProgress.LEAVING),
    Outcome.ACCEPTED: int(WireProgress.ACCEPTED),
    Outcome.REFUSED: int(WireProgress.NOT_SENT),
    Outcome.DEFERRED: int(WireProgress.NOT_SENT),
    Outcome.UNSENT: int(WireProgress.NOT_SENT),
    Outcome.DOUBTFUL: int(WireProgress.LEAVING),
}


class InFlightLog:
    """A memory-mapped file with a slot for each connection.

    A write takes a tenth of a microsecond and no system call, and survives `kill -9` because the
    pages belong to the kernel. It does not survive a power loss: after one, nothing in the file
    may be believed, and everything in flight is doubtful. Worker names tell the two cases apart.
    """

    def __init__(self, path: Path, slots: int) -> None:
        self._path = path
        with path.open("xb+") as file:
            # Written, not only made longer: on a full disk the first touch of a page that has no
            # block would kill the process.
            file.write(bytes(_SLOT * slots))
            file.flush()
            self._pages = mmap.mmap(file.fileno(), _SLOT * slots)

    def begin(self, slot: int, deliveries: Sequence[int]) -> None:
        """Enters the next group of a connection. The outcomes of its last group are recorded."""
        start, count = slot * _SLOT, len(deliveries)
        progress = start + _SLOT - LARGEST_GROUP
        # The count is written last: until then the slot is empty.
        self._pages[start : start + _NUMBER.size] = _NUMBER.pack(0)
        self._pages[progress : progress + count] = bytes(count)
        ids = start + _NUMBER.size
        self._pages[ids : ids + 8 * count] = struct.pack(f"={count}Q", *deliveries)
        self._pages[start : start + _NUMBER.size] = _NUMBER.pack(count)

    def recorder(self, slot: int) -> Callable[[int, Outcome | None], None]:
        """A callback that notes the progress of the group's messages (see `OnProgress`)."""
        pages, first = self._pages, (slot + 1) * _SLOT - LARGEST_GROUP

        def record(place: int, outcome: Outcome | None) -> None:
            pages[first + place] = _AFTER[outcome]

        return record

    def read(self) -> dict[int, WireProgress]:
        """The progress of each delivery in the log."""
        return _read(self._pages[:])

    def close(self) -> None:
        """Removes the file: nothing is in flight any more."""
        self._pages.close()
        self._path.unlink(missing_ok=True)


def path_for(folder: Path, worker: str) -> Path:
    """The file of a worker; the last part of the worker's name is unique."""
    return folder / f".emag-{worker.rpartition('/')[2]}.wire"


def read_file(path: Path) -> Mapping[int, WireProgress] | None:
    """The log of a dead process, or None if it kept none: then nothing is known."""
    with suppress(OSError):
        return _read(path.read_bytes())
    return None


def _read(pages: bytes) -> dict[int, WireProgress]:
    progress: dict[int, WireProgress] = {}
    for start in range(0, len(pages), _SLOT):
        (count,) = _NUMBER.unpack_from(pages, start)
        deliveries = struct.unpack_from(f"={count}Q", pages, start + _NUMBER.size)
        octets = pages[start + _SLOT - LARGEST_GROUP :]
        progress |= {d: WireProgress(octets[n]) for n, d in enumerate(deliveries)}
    return progress
