"""Many connections, one thread at a time: whoever comes first listens for all, and hands it on."""

import selectors
import socket
import threading
from collections.abc import Generator
from time import monotonic
from typing import Generic, TypeVar

READABLE, WRITABLE = selectors.EVENT_READ, selectors.EVENT_WRITE
_LONGEST = 1.0  # seconds between looks at who has waited too long

T = TypeVar("T")
Steps = Generator[tuple[int, float], None, T]  # yields for what it waits, and how many seconds


class _Turn(Generic[T]):
    """One conversation, and the gate at which its thread waits while another one listens."""

    __slots__ = ("error", "events", "gate", "over", "results", "sock", "steps", "until")

    def __init__(self, sock: socket.socket, steps: Steps[T]) -> None:
        self.sock, self.steps = sock, steps
        self.results: list[T] = []  # one, once it is over without an error
        self.error: BaseException | None = None
        self.over = False
        self.events, self.until = 0, 0.0
        self.gate = threading.Lock()
        self.gate.acquire()

    def go_on(self, *, late: bool = False) -> None:
        """To its next pause, or to its end."""
        try:
            self.events, wait = self.steps.throw(TimeoutError()) if late else next(self.steps)
            self.until = monotonic() + wait
        except StopIteration as end:
            self.results.append(end.value)
            self.over = True
        except BaseException as error:  # noqa: BLE001 - its own thread raises it
            self.error, self.over = error, True


class EventLoop:
    """Threads that each listen to a connection of their own fight over the interpreter at every
    reply, which costs as much as what they say. So one of them listens for all, until what it came
    for is done; meanwhile the others sleep. The sockets must not block.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_turned = False  # somebody listens
        self._selector = selectors.DefaultSelector()
        self._look = 0.0  # when to look next at who has waited too long

    def run(self, sock: socket.socket, steps: Steps[T]) -> T:
        """What the steps come to. One that waits too long gets a TimeoutError where it waits."""
        mine = _Turn(sock, steps)
        mine.go_on()
        if not mine.over:
            with self._lock:
                self._selector.register(sock, mine.events, mine)
                first, self._is_turned = not self._is_turned, True
            if not first:
                mine.gate.acquire()
            if not mine.over:
                self._turn(mine)
        if mine.error:
            raise mine.error
        return mine.results[0]

    def _turn(self, mine: _Turn[T]) -> None:
        try:
            while not mine.over:
                now = monotonic()
                if now >= self._look:
                    self._look = self._hurry(now)
                    continue
                for key, _ in self._selector.select(self._look - now):
                    self._go_on(key.data)
        finally:
            with self._lock:
                if not mine.over:
                    self._selector.unregister(mine.sock)
                others = self._turns()
                self._is_turned = bool(others)
            if others:
                others[0].gate.release()

    def _turns(self) -> list[_Turn[object]]:
        return [key.data for key in self._selector.get_map().values()]

    def _go_on(self, turn: _Turn[object], *, late: bool = False) -> None:
        events = turn.events
        turn.go_on(late=late)
        if turn.over:
            self._selector.unregister(turn.sock)
            turn.gate.release()
        elif turn.events != events:
            self._selector.modify(turn.sock, turn.events, turn)

    def _hurry(self, now: float) -> float:
        """Ends the waiting of those who are late; gives when to look again."""
        with self._lock:
            turns = self._turns()
        for turn in turns:
            if turn.until <= now:
                self._go_on(turn, late=True)
        return min([now + _LONGEST, *(turn.until for turn in turns if not turn.over)])
