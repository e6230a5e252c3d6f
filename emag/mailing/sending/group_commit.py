"""One writer for many connections: outcomes in, claims out, many groups to a commit."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Connection

from emag.database import Database
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import claims
from emag.mailing.sending.claims import Claim, Reads
from emag.mailing.sending.domain_throttle import DomainThrottle
from emag.mailing.sending.warmup import WarmUp

_LONGEST_WAIT = 0.01  # seconds that a group waits for others
_REST = 1.0  # seconds after which a connection may have died unnoticed

Outcomes = Sequence[tuple[Claim, Receipt]]


class _Turn:
    """What one thread wants written, and the gate at which it waits meanwhile."""

    __slots__ = ("also", "done", "error", "gate", "held", "served", "want")

    def __init__(
        self, done: Outcomes, want: int, also: Callable[[Connection], object] | None = None
    ) -> None:
        self.done, self.want, self.also = done, want, also
        self.held: list[Claim] = []
        self.error: BaseException | None = None
        self.served = False
        self.gate = threading.Lock()
        self.gate.acquire()


class GroupCommit:
    """Group commit: what gathers while one commit waits for the disk is written by the next.

    Whoever comes first writes for all, and hands the pen on. It waits for the others as long as a
    commit takes, for a commit costs more than what is in it. Besides, threads that wait here do not
    wait in SQLite, whose waiting writers oversleep.
    """

    def __init__(
        self,
        database: Database,
        number: int,
        *,
        worker: str,
        lease: timedelta,
        now: Callable[[], datetime],
        domains: DomainThrottle,
        warm_up: WarmUp,
        reads: Reads | None = None,
    ) -> None:
        self._database, self._number = database, number
        self._reads = reads
        self._domains, self._warm_up = domains, warm_up
        self._worker, self._lease, self._now = worker, lease, now
        self._lock = threading.Condition()
        self._waiting: list[_Turn] = []
        self._is_led = False  # somebody has the pen
        self._held: Connection | None = None
        self._used = 0.0  # when that was asked for
        self._writers = 0
        self._commit = 0.0  # seconds that the last one took

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Counts a thread among those for whom it is worth waiting."""
        with self._lock:
            self._writers += 1
        try:
            yield
        finally:
            with self._lock:
                self._writers -= 1
                self._lock.notify()

    def turn(self, done: Outcomes, want: int) -> list[Claim]:
        """Records `done`, then claims at most `want`; both are on the disk once it returns."""
        return self._take(_Turn(done, want)).held

    def also(self, what: Callable[[Connection], object]) -> None:
        """Runs `what` in the next transaction."""
        self._take(_Turn((), 0, what))

    def _take(self, mine: _Turn) -> _Turn:
        with self._lock:
            self._waiting.append(mine)
            first, self._is_led = not self._is_led, True
            self._lock.notify()
        if not first:
            mine.gate.acquire()
        if not mine.served:
            self._lead()
        if mine.error:
            raise mine.error
        return mine

    def _lead(self) -> None:
        with self._lock:
            self._lock.wait_for(lambda: len(self._waiting) >= self._writers, self._commit)
            turns, self._waiting = self._waiting, []
        began = monotonic()
        try:
            self._write(turns)
        except BaseException as error:  # noqa: BLE001 - each thread raises it for its own part
            for turn in turns:
                turn.error = error
        with self._lock:
            self._commit = min(monotonic() - began, _LONGEST_WAIT)
            successor = self._waiting[0] if self._waiting else None
            self._is_led = successor is not None
        for turn in turns:
            turn.served = True
            turn.gate.release()
        if successor:
            successor.gate.release()

    def _write(self, turns: Sequence[_Turn]) -> None:
        try:
            with self._database.transaction(self._connection()) as conn:
                now = self._now()
                for turn in turns:
                    if turn.also:
                        turn.also(conn)
                self._record(conn, [outcome for turn in turns for outcome in turn.done], now)
                held = self._claim(conn, sum(turn.want for turn in turns), now)
        except BaseException:
            self.close()
            raise
        self._share(turns, held)

    def _connection(self) -> Connection:
        """Kept while groups follow upon each other; after a rest a fresh one is asked for."""
        idle, self._used = monotonic() - self._used, monotonic()
        if idle > _REST:
            self.close()
        self._held = self._held or self._database.engine.connect()
        return self._held

    def close(self) -> None:
        """Gives the connection back; the next turn fetches one again."""
        held, self._held = self._held, None
        if held:
            held.close()

    def _record(self, conn: Connection, done: Outcomes, now: datetime) -> None:
        claims.record(conn, done, worker=self._worker, now=now)
        for claim, receipt in done:
            self._domains.record(claim.reader.address, receipt, now=now)
        unsent = sum(receipt.outcome is Outcome.UNSENT for _, receipt in done)
        self._warm_up.count(conn, -unsent)

    def _claim(self, conn: Connection, want: int, now: datetime) -> list[Claim]:
        limit = self._warm_up.grant(conn, want)
        if not limit:
            return []
        held = claims.claim(
            conn,
            self._number,
            worker=self._worker,
            limit=limit,
            lease=self._lease,
            now=now,
            domains=self._domains,
            reads=self._reads,
        )
        self._warm_up.count(conn, len(held))
        return held

    @staticmethod
    def _share(turns: Sequence[_Turn], held: list[Claim]) -> None:
        """To each what it wanted, the first ones first."""
        start = 0
        for turn in turns:
            turn.held = held[start : start + turn.want]
            start += turn.want
