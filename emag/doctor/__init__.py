"""Examines a publication: each module examines one part and names all its faults at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of the set-up.

    “block” stops an issue or makes it unlawful. “warn” is for the editor to judge. `area` is the
    part that was examined: settings, database, templates, transport, dns or proxies.
    """

    area: str
    message: str
    severity: Literal["block", "warn"] = "block"


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Yields every fault of the settings, database, templates, transport, domain and proxies."""
    from emag.doctor import database, domain, proxies, relay, setup, templates

    yield from setup.examine(settings, now=now)
    yield from database.examine(settings)
    yield from templates.examine(settings)
    yield from relay.examine(settings)
    yield from domain.examine(settings)
    yield from proxies.examine(settings, now=now)
