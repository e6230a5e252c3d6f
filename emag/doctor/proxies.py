"""Examines who sends forwarding headers without being trusted, perhaps the publication's proxy."""

from collections.abc import Callable, Iterator
from datetime import datetime

from emag.doctor.problem import Problem
from emag.settings import Settings
from emag.web import strangers


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Names each network that the web pages met in the last week."""
    trusted = settings.environment.trusted_proxies
    for network in strangers.recent(settings.folder, trusted, now()):
        yield Problem("proxies", strangers.explain(network), "warn")
