"""What is on the wire at this moment, kept where a process that is killed leaves it."""

import mmap
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

from emag.mailing.delivery import Outcome

MOST = 64  # messages of one group
_NUMBER = struct.Struct("=Q")
_SLOT = _NUMBER.size * (1 + MOST) + MOST  # how many, their deliveries, a state for each


class State(IntEnum):
    WAITS = 0  # claimed, and surely not handed over: not begun, or refused
    LEAVES = 1  # its last octet may have left: nobody knows
    TAKEN = 2  # the server has it


_AFTER: dict[Outcome | None, int] = {
    None: int(State.LEAVES),
    Outcome.ACCEPTED: int(State.TAKEN),
    Outcome.REFUSED: int(State.WAITS),
    Outcome.DEFERRED: int(State.WAITS),
    Outcome.UNSENT: int(State.WAITS),
    Outcome.DOUBTFUL: int(State.LEAVES),
}


class InFlightLog:
    """A shared mapping of a file, with a slot for each connection.

    Writing costs a tenth of a microsecond and no call, and survives `kill -9`, for the pages are
    the kernel's. It does not survive a power loss: then nothing in it may be believed, and what the
    database calls under way is doubtful. Worker names tell one from the other.
    """

    def __init__(self, path: Path, slots: int) -> None:
        self._path = path
        with path.open("xb+") as file:
            file.truncate(_SLOT * slots)
            self._pages = mmap.mmap(file.fileno(), _SLOT * slots)

    def begin(self, slot: int, deliveries: Sequence[int]) -> None:
        """A group is about to leave; what the slot held before is recorded elsewhere by now."""
        start, many = slot * _SLOT, len(deliveries)
        states = start + _SLOT - MOST
        # The number last: until it is there, the slot is empty.
        self._pages[start : start + _NUMBER.size] = _NUMBER.pack(0)
        self._pages[states : states + many] = bytes(many)
        ids = start + _NUMBER.size
        self._pages[ids : ids + 8 * many] = struct.pack(f"={many}Q", *deliveries)
        self._pages[start : start + _NUMBER.size] = _NUMBER.pack(many)

    def recorder(self, slot: int) -> Callable[[int, Outcome | None], None]:
        """What takes down of the group's nth message that its end is about to leave (None), or
        what came of it.
        """
        pages, states = self._pages, (slot + 1) * _SLOT - MOST

        def note(place: int, outcome: Outcome | None) -> None:
            pages[states + place] = _AFTER[outcome]

        return note

    def states(self) -> dict[int, State]:
        return _states(self._pages[:])

    def close(self) -> None:
        """Nothing is under way any more."""
        self._pages.close()
        self._path.unlink(missing_ok=True)


def place(folder: Path, worker: str) -> Path:
    """A worker's logbook; the last part of its name is drawn for it alone."""
    return folder / f".emag-{worker.rpartition('/')[2]}.wire"


def read_states(path: Path) -> Mapping[int, State] | None:
    """What a dead process was about, or None where it kept no logbook: then nothing is known."""
    with suppress(OSError):
        return _states(path.read_bytes())
    return None


def _states(pages: bytes) -> dict[int, State]:
    found: dict[int, State] = {}
    for start in range(0, len(pages), _SLOT):
        (many,) = _NUMBER.unpack_from(pages, start)
        deliveries = struct.unpack_from(f"={many}Q", pages, start + _NUMBER.size)
        states = pages[start + _SLOT - MOST :]
        found |= {d: State(states[n]) for n, d in enumerate(deliveries)}
    return found
