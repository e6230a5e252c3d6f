"""The rate limit: so many messages a second from all senders on a database, on any machine."""

import threading
from collections.abc import Callable
from time import monotonic

from sqlalchemy import text

from emag.database import Database
from subscribers import dialect

_BURST_SECONDS = 1.0  # worth of tokens that idle senders save up
_AHEAD_SECONDS = 0.25  # worth of tokens that one process takes at a time

# The row holds when the next message may leave, by the database's clock: the clocks of machines
# differ. The row is locked only while this one statement runs.
_TAKE = """
INSERT INTO rate_limits (name, free_at) VALUES ('messages', {clock} + :share)
ON CONFLICT (name) DO UPDATE
SET free_at = {greatest}(rate_limits.free_at, {clock} - {burst}) + :share
RETURNING free_at - :share - {clock}
"""
_TAKE_SQLITE = text(
    _TAKE.format(
        burst=_BURST_SECONDS, greatest="max", clock="(julianday('now') - 2440587.5) * 86400"
    )
)
_TAKE_POSTGRESQL = text(
    _TAKE.format(
        burst=_BURST_SECONDS,
        greatest="greatest",
        clock="CAST(extract(epoch FROM clock_timestamp()) AS float8)",
    )
)


class RateLimit:
    """Token bucket shared by all senders through one database row. `rate` 0 means no limit.

    A process takes the tokens of a quarter of a second at once, so that a rate of thousands does
    not cost as many transactions. Tokens held by a process that dies are lost.
    """

    def __init__(
        self, database: Database, rate: float, *, clock: Callable[[], float] = monotonic
    ) -> None:
        self._database, self._rate, self._clock = database, rate, clock
        self._lock = threading.Lock()
        self._next_at = 0.0  # when the next held token is valid, by this process's clock
        self._tokens = 0

    def acquire(self, messages: int) -> float:
        """Takes `messages` tokens. Gives the seconds to wait until they are valid."""
        if not self._rate:
            return 0.0
        with self._lock:
            if self._tokens < messages:
                self._refill(messages * max(1, int(self._rate * _AHEAD_SECONDS / messages)))
            wait = self._next_at - self._clock()
            self._tokens -= messages
            self._next_at += messages / self._rate
            return max(0.0, wait)

    def _refill(self, tokens: int) -> None:
        with self._database.transaction() as conn:
            take = dialect.choose(conn, sqlite=_TAKE_SQLITE, postgresql=_TAKE_POSTGRESQL)
            wait = conn.execute(take, {"share": tokens / self._rate}).scalar_one()
        self._tokens, self._next_at = tokens, self._clock() + float(wait)
