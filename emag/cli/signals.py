"""Ctrl-C and SIGTERM ask for a safe end, and insist the second time."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ASKING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def asked() -> Iterator[threading.Event]:
    """Set once somebody wants an end: the first signal asks, a further one does as ever."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in ASKING}

    def ask(number: int, _frame: Any) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in ASKING:
        signal.signal(number, ask)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
