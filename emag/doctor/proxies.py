"""Examines who sends forwarding headers without being trusted, perhaps the publication's proxy."""

from collections.abc import Callable, Iterator
from datetime import datetime

from emag import untrusted
from emag.doctor.problem import Problem
from emag.settings import Settings


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Names each network that the web pages met in the last week."""
    trusted = settings.environment.trusted_proxies
    for network in untrusted.recent(settings.folder, trusted, now()):
        yield Problem("proxies", untrusted.explain(network), "warn")
