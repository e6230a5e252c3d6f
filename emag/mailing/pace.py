"""How fast: one allowance for all threads, and how long to wait for a server that is away."""

import threading
from collections.abc import Callable
from time import monotonic

_BURST_SECONDS = 1.0  # what an idle sender saves up
_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


class Pace:
    """A token bucket: `rate` messages a second over all threads, 0 for as fast as it goes."""

    def __init__(self, rate: float, *, clock: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = clock()  # when the next message may leave

    def reserve(self, messages: int) -> float:
        """Takes the next `messages` places in line; seconds until they may leave."""
        if not self._rate:
            return 0.0
        with self._lock:
            now = self._clock()
            start = max(self._free_at, now - _BURST_SECONDS)
            self._free_at = start + messages / self._rate
            return max(0.0, start - now)


def patience(failures: int, *, asked: float = 0.0) -> float:
    """Seconds to wait after so many failures in a row: doubling, unless the server named a time."""
    doubled = _FIRST_WAIT * float(2 ** min(failures - 1, 10))
    return max(asked, min(_LONGEST_WAIT, doubled))
