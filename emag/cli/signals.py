"""Ctrl-C and SIGTERM end a command safely; a second signal ends it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_requested() -> Iterator[threading.Event]:
    """Yields an event that the first signal sets; a second signal has its usual effect."""
    stop = threading.Event()
    previous = {number: signal.getsignal(number) for number in STOP_SIGNALS}

    def request_stop(number: int, _frame: Any) -> None:
        stop.set()
        signal.signal(number, previous[signal.Signals(number)])

    for number in STOP_SIGNALS:
        signal.signal(number, request_stop)
    try:
        yield stop
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
