"""Limits how many requests of the desk wait for other sites at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from emag.errors import WrongMove

MOST = 4  # requests; each holds a thread until the other site has answered


class SlowRequests:
    """Places for requests that wait for other sites. Safe from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._free = BoundedSemaphore(most)

    @contextmanager
    def place(self, busy: str) -> Iterator[None]:
        """Holds a place. Raises WrongMove with the sentence `busy` where there is none."""
        if not self._free.acquire(blocking=False):
            raise WrongMove(busy)
        try:
            yield
        finally:
            self._free.release()
