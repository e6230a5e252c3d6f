"""Group commit: many threads write to the database in few transactions."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import TypeVar

from sqlalchemy import Connection

from emag.database import Database
from emag.leader_follower import LeaderFollower, Waiter

_LONGEST_WAIT = 0.01  # seconds that a group waits for more requests
_IDLE = 1.0  # seconds after which a kept connection may have died unnoticed


class WriteRequest(Waiter):
    """What one thread wants written. `error` is what became of the transaction, if it failed."""

    __slots__ = ("error",)

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None


R = TypeVar("R", bound=WriteRequest)


class GroupCommit(LeaderFollower[R]):
    """The first waiting thread writes the requests of all waiting threads in one commit.

    It waits for more requests about as long as the last commit took, because a commit costs more
    than what is in it. Threads that wait here do not wait for SQLite's lock, which is slower.
    """

    def __init__(
        self, database: Database, write: Callable[[Connection, Sequence[R]], None]
    ) -> None:
        super().__init__()
        self._database, self._write = database, write
        self._requests: list[R] = []
        self._writers = 0
        self._connection: Connection | None = None
        self._used_at = 0.0
        self._commit_seconds = 0.0  # of the last commit

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Counts the calling thread among those that are worth waiting for."""
        with self._lock:
            self._writers += 1
        try:
            yield
        finally:
            with self._lock:
                self._writers -= 1
                self._lock.notify()

    def submit(self, request: R) -> R:
        """Returns once the request is on the disk. Raises whatever failed its transaction."""
        self.wait_for(request)
        if request.error:
            raise request.error
        return request

    def close(self) -> None:
        """Gives back the connection; the next group takes one again."""
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def _join(self, waiter: R) -> None:
        self._requests.append(waiter)
        self._lock.notify()

    def _waiting(self) -> Sequence[R]:
        return self._requests

    def _lead(self, waiter: R) -> None:  # noqa: ARG002 - it is among the requests
        with self._lock:
            is_complete = lambda: len(self._requests) >= self._writers  # noqa: E731
            self._lock.wait_for(is_complete, self._commit_seconds)
            requests, self._requests = self._requests, []
        began = monotonic()
        try:
            self._commit(requests)
        except BaseException as error:  # noqa: BLE001 - each thread raises it in `submit`
            for request in requests:
                request.error = error
        self._commit_seconds = min(monotonic() - began, _LONGEST_WAIT)
        for request in requests:
            request.finish()

    def _commit(self, requests: Sequence[R]) -> None:
        try:
            with self._database.transaction(self._connected()) as conn:
                self._write(conn, requests)
        except BaseException:
            self.close()
            raise

    def _connected(self) -> Connection:
        """The connection, kept from group to group; a new one after a pause."""
        idle, self._used_at = monotonic() - self._used_at, monotonic()
        if idle > _IDLE:
            self.close()
        self._connection = self._connection or self._database.engine.connect()
        return self._connection
