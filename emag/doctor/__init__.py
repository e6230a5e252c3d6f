"""Examines a publication: each module examines one part and names all its faults at once."""

from collections.abc import Callable, Iterator
from datetime import datetime

from emag.doctor.problem import Problem
from emag.settings import Settings

__all__ = ["Problem", "examine"]


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Yields every fault of the settings, database, templates, transport, domain and proxies."""
    from emag.doctor import database, domain, proxies, relay, setup, templates

    yield from setup.examine(settings, now=now)
    yield from database.examine(settings)
    yield from templates.examine(settings)
    yield from relay.examine(settings)
    yield from domain.examine(settings)
    yield from proxies.examine(settings, now=now)
