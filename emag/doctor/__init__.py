"""Examines a publication: each module examines one part and names all its faults at once."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from emag.doctor.problem import Problem
from emag.errors import SettingsError
from emag.settings import Settings, load

__all__ = ["Problem", "examine", "examine_folder"]


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    """Yields every fault of the settings, the database, and all that emag reads or sends with."""
    from emag.doctor import (
        contradictions,
        database,
        domain,
        files,
        mailbox,
        outside,
        own_templates,
        proxies,
        relay,
        setup,
        sources,
        templates,
    )

    yield from setup.examine(settings, now=now)
    yield from contradictions.examine(settings)
    yield from files.examine(settings)
    yield from database.examine(settings, now=now)
    printed = list(templates.examine(settings))
    yield from printed
    yield from own_templates.examine(settings, earlier=[problem.message for problem in printed])
    yield from relay.examine(settings)
    yield from mailbox.examine(settings)
    yield from domain.examine(settings)
    yield from proxies.examine(settings, now=now)
    yield from outside.examine(settings, now=now)
    yield from sources.examine(settings, now=now)


def examine_folder(folder: Path, *, now: Callable[[], datetime]) -> list[Problem]:
    """Every fault of the publication in a folder, those that block first.

    Where the settings cannot be read, these are their faults.
    """
    try:
        problems = list(examine(load(folder), now=now))
    except SettingsError as error:
        problems = [Problem("settings", fault) for fault in error.faults]
    return sorted(problems, key=lambda problem: problem.severity)
