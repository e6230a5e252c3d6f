"""Keeps figures that cost much for some seconds, so that a page which shows them stays quick."""

import time
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")

LIMIT = 256  # entries


class RecentFigures:
    """Remembers what a function returned, for some seconds. Safe from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._entries: dict[Hashable, tuple[float, object]] = {}

    def get(self, key: Hashable, seconds: float, count: Callable[[], T]) -> T:
        """What `count` returned at most `seconds` ago, or returns now."""
        with self._lock:
            entry = self._entries.get(key)
        now = self._clock()
        if entry is not None and now - entry[0] < seconds:
            return entry[1]  # type: ignore[return-value]
        value = count()
        with self._lock:
            if len(self._entries) >= LIMIT:
                self._entries.clear()
            self._entries[key] = (now, value)
        return value

    def forget(self, key: Hashable) -> None:
        """Counts anew the next time: something has changed it."""
        with self._lock:
            self._entries.pop(key, None)
