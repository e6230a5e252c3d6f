"""Examines a publication: each module looks at one thing and names all its faults at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from emag.settings import Settings


@dataclass(frozen=True, slots=True)
class Problem:
    """`block` stops an issue or makes it unlawful; `warn` is for the editor to judge."""

    what: str
    message: str
    severity: Literal["block", "warn"] = "block"


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Every fault of the settings, the database, the templates, the transport and the domain."""
    from emag.doctor import database, domain, proxies, relay, setup, templates

    yield from setup.examine(settings, now=now)
    yield from database.examine(settings)
    yield from templates.examine(settings)
    yield from relay.examine(settings)
    yield from domain.examine(settings)
    yield from proxies.examine(settings, now=now)
