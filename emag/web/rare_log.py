"""Log lines that strangers can cause, at most one of a kind a minute."""

import logging
import threading
import time

EVERY = 60.0  # seconds
MOST = 100  # kinds, so that the memory stays bounded


class RareLog:
    """Logs the first message of a kind, and then one a minute. Safe from several threads."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger, self._lock = logger, threading.Lock()
        self._next: dict[tuple[str, object], float] = {}

    def warning(self, message: str, kind: object, *details: object) -> None:
        """`kind` is the first argument of the message, and tells one kind from another."""
        if self._is_due((message, kind)):
            self._logger.warning(message, kind, *details)

    def _is_due(self, key: tuple[str, object]) -> bool:
        now = time.monotonic()
        with self._lock:
            if now < self._next.get(key, 0.0) or (key not in self._next and self._is_full(now)):
                return False
            self._next[key] = now + EVERY
            return True

    def _is_full(self, now: float) -> bool:
        self._next = {key: at for key, at in self._next.items() if at > now}
        return len(self._next) >= MOST
