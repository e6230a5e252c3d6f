"""So many messages a second: one allowance for all senders on a database, wherever they run."""

import threading
from collections.abc import Callable
from time import monotonic

from sqlalchemy import text

from emag.database import Database

_BURST = 1.0  # seconds' worth that idle senders save up
_AHEAD = 0.25  # seconds' worth that one process takes at a time

# The row is when the next message may leave, by the database's clock: machines never quite agree
# on the time. It is locked for as long as this one statement takes.
_LINE = """
INSERT INTO allowances (name, free_at) VALUES ('messages', {clock} + :share)
ON CONFLICT (name) DO UPDATE
SET free_at = {greatest}(allowances.free_at, {clock} - {burst}) + :share
RETURNING free_at - :share - {clock}
"""
_WORDS = {
    "postgresql": {
        "clock": "CAST(extract(epoch FROM clock_timestamp()) AS float8)",
        "greatest": "greatest",
    },
    "sqlite": {"clock": "(julianday('now') - 2440587.5) * 86400", "greatest": "max"},
}
_TAKE = {name: text(_LINE.format(burst=_BURST, **words)) for name, words in _WORDS.items()}


class RateLimit:
    """A token bucket: `rate` messages a second over all senders, 0 for as fast as it goes.

    The threads of a process take their places from a few that were taken ahead, so that a rate of
    thousands does not cost as many transactions. Who dies in line leaves its places empty.
    """

    def __init__(
        self, database: Database, rate: float, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._database, self._rate, self._clock = database, rate, clock
        self._lock = threading.Lock()
        self._next = 0.0  # when the next of our places is, by our own clock
        self._left = 0

    def acquire(self, messages: int) -> float:
        """Takes the next `messages` places in line; seconds until they may leave."""
        if not self._rate:
            return 0.0
        with self._lock:
            if self._left < messages:
                self._take(messages * max(1, int(self._rate * _AHEAD / messages)))
            wait = self._next - self._clock()
            self._left -= messages
            self._next += messages / self._rate
            return max(0.0, wait)

    def _take(self, places: int) -> None:
        with self._database.transaction() as conn:
            take = _TAKE[conn.dialect.name]
            wait = conn.execute(take, {"share": places / self._rate}).scalar_one()
        self._left, self._next = places, self._clock() + float(wait)
