"""An event loop without a thread of its own: one of the waiting threads runs it for all."""

import selectors
import socket
from collections.abc import Generator
from time import monotonic
from typing import Generic, TypeVar

from emag.leader_follower import LeaderFollower, Waiter

READABLE, WRITABLE = selectors.EVENT_READ, selectors.EVENT_WRITE
_LONGEST_PAUSE = 1.0  # seconds between checks for conversations that have timed out

T = TypeVar("T")
# Yields the socket events to wait for and the longest wait in seconds; returns the result.
Steps = Generator[tuple[int, float], None, T]


class _Conversation(Waiter, Generic[T]):
    """The steps of one thread on one socket."""

    __slots__ = ("deadline", "error", "events", "results", "sock", "steps")

    def __init__(self, sock: socket.socket, steps: Steps[T]) -> None:
        super().__init__()
        self.sock, self.steps = sock, steps
        self.results: list[T] = []  # one, if the steps ended without an error
        self.error: BaseException | None = None
        self.events, self.deadline = 0, 0.0

    def advance(self, *, is_late: bool = False) -> bool:
        """Runs to the next wait; False if the steps have ended."""
        try:
            step = self.steps.throw(TimeoutError()) if is_late else next(self.steps)
        except StopIteration as end:
            self.results.append(end.value)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread it belongs to
            self.error = error
        else:
            self.events, self.deadline = step[0], monotonic() + step[1]
            return True
        return False

    @property
    def result(self) -> T:
        if self.error:
            raise self.error
        return self.results[0]


class EventLoop(LeaderFollower[_Conversation[object]]):
    """Waits for many sockets in one thread at a time.

    If each thread waited for its own socket, they would compete for the interpreter at every
    reply, which costs as much as the conversation itself. The sockets must not block.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = selectors.DefaultSelector()
        self._next_check = 0.0  # when to look for conversations that have timed out

    def run(self, sock: socket.socket, steps: Steps[T]) -> T:
        """Gives the result of the steps. A wait that takes too long raises TimeoutError in them."""
        conversation = _Conversation(sock, steps)
        if conversation.advance():
            self.wait_for(conversation)  # type: ignore[arg-type]  # its result is ours alone
        return conversation.result

    def _join(self, waiter: _Conversation[object]) -> None:
        self._selector.register(waiter.sock, waiter.events, waiter)

    def _waiting(self) -> list[_Conversation[object]]:
        return [key.data for key in self._selector.get_map().values()]

    def _lead(self, waiter: _Conversation[object]) -> None:
        try:
            while not waiter.is_finished:
                now = monotonic()
                if now >= self._next_check:
                    self._next_check = self._time_out(now)
                    continue
                for key, _ in self._selector.select(self._next_check - now):
                    self._advance(key.data)
        finally:
            if not waiter.is_finished:
                with self._lock:
                    self._selector.unregister(waiter.sock)

    def _advance(self, conversation: _Conversation[object], *, is_late: bool = False) -> None:
        events = conversation.events
        if not conversation.advance(is_late=is_late):
            self._selector.unregister(conversation.sock)
            conversation.finish()
        elif conversation.events != events:
            self._selector.modify(conversation.sock, conversation.events, conversation)

    def _time_out(self, now: float) -> float:
        """Ends waits that take too long. Gives the time of the next check."""
        with self._lock:
            conversations = self._waiting()
        for conversation in conversations:
            if conversation.deadline <= now:
                self._advance(conversation, is_late=True)
        deadlines = (c.deadline for c in conversations if not c.is_finished)
        return min([now + _LONGEST_PAUSE, *deadlines])
