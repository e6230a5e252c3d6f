"""Loads code without looking for garbage: hardly anything that is loaded becomes garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Objects between two looks for garbage. Python's 700 cost a fifth of the time to load a command.
_OBJECTS = 50_000


@contextmanager
def loading() -> Iterator[None]:
    """Looks for no garbage meanwhile, and afterwards never among what there is now."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS, 20, 20)
        gc.enable()
