"""Ctrl-C and SIGTERM end a command safely within ten seconds; a second signal ends it at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
WITHIN = 8.0  # seconds; service managers kill after ten or more
_LATE = (
    "emag was told to stop, and something that it waits for does not answer: it ends now. What was "
    "under way is settled at the next start"
)


class StopDeadline:
    """Ends the process some time after `begin`, unless it has ended by itself."""

    def __init__(self, within: float = WITHIN) -> None:
        self._timer = threading.Timer(within, _end)
        self._timer.daemon = True

    def begin(self) -> None:
        """Starts the time, once."""
        if not self._timer.is_alive() and not self._timer.finished.is_set():
            self._timer.start()

    def cancel(self) -> None:
        self._timer.cancel()


def _end() -> None:
    """Ends the process as the signal would have. What is on the wire is in the in-flight log."""
    print(_LATE, file=sys.stderr, flush=True)  # noqa: T201 - the last words
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        os.kill(os.getpid(), signal.SIGTERM)
    os._exit(128 + signal.SIGTERM)


@contextmanager
def stop_requested(deadline: StopDeadline | None = None) -> Iterator[threading.Event]:
    """Yields an event that the first signal sets; a second signal has its usual effect."""
    stop, deadline = threading.Event(), deadline or StopDeadline()
    previous = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def request_stop(number: int, _frame: Any) -> None:
        stop.set()
        deadline.begin()
        signal.signal(number, previous[signal.Signals(number)])

    for number in STOP_SIGNALS:
        signal.signal(number, request_stop)
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        deadline.cancel()
