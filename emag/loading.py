"""Loads code with garbage collection off: hardly anything that is loaded becomes garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# New objects that start a collection. Python's 700 cost a fifth of the time to load a command.
_OBJECTS = 50_000


@contextmanager
def loading() -> Iterator[None]:
    """Collects no garbage meanwhile, and afterwards leaves out what exists by then."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS, 20, 20)
        gc.enable()
