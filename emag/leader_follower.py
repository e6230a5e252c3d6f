"""Leader-follower: of the threads that wait for the same work, one does it for all of them."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar


class Waiter:
    """One thread's request. The thread blocks until the request is finished or it must lead."""

    __slots__ = ("_gate", "is_finished")

    def __init__(self) -> None:
        self.is_finished = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def block(self) -> None:
        self._gate.acquire()

    def wake(self) -> None:
        self._gate.release()

    def finish(self) -> None:
        """Lets the thread go on. The leader calls this once for each request."""
        self.is_finished = True
        self.wake()


W = TypeVar("W", bound=Waiter)


class LeaderFollower(ABC, Generic[W]):
    """The first thread leads: it works for all that wait until its own request is finished.

    Then the next waiting thread leads. Threads that follow sleep: they compete neither for the
    database nor for the interpreter. The methods `_join` and `_waiting` are called with the lock
    held.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._has_leader = False

    def wait_for(self, waiter: W) -> None:
        """Returns when the request is finished. Meanwhile this thread may lead."""
        with self._lock:
            self._join(waiter)
            is_follower, self._has_leader = self._has_leader, True
        if is_follower:
            waiter.block()
        if waiter.is_finished:
            return
        try:
            self._lead(waiter)
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        with self._lock:
            waiting = self._waiting()
            self._has_leader = bool(waiting)
        if waiting:
            waiting[0].wake()

    @abstractmethod
    def _join(self, waiter: W) -> None:
        """Adds a request to those that wait."""

    @abstractmethod
    def _lead(self, waiter: W) -> None:
        """Works until the leader's own request is finished. Must not leave it waiting."""

    @abstractmethod
    def _waiting(self) -> Sequence[W]:
        """Requests that are neither finished nor being worked on, the oldest first."""
