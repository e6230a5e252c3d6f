"""Examines the sources: one read of each, and every fault in what it gives."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta

from emag import bootstrap
from emag.content.health.trouble_store import SourceHistory
from emag.desk import sources
from emag.desk.sources import SourceCheck
from emag.doctor.problem import Problem
from emag.errors import DatabaseError, SettingsError
from emag.settings import Settings
from emag.sources import sources as sources_of

WITHIN = timedelta(seconds=25)  # for all of them
NAMED = 3  # faults of one source; “emag source check” names the others


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    adapters, histories = sources_of(settings, now), _histories(settings)
    for checked in sources.check_all(
        adapters, settings, now=now(), within=WITHIN, histories=histories
    ):
        yield from _problems(checked)


def _histories(settings: Settings) -> dict[str, SourceHistory]:
    """What the sources have given before; nothing where the database cannot be read."""
    try:
        with closing(bootstrap.open_database(settings)) as database:
            return sources.histories(database, settings)
    except (DatabaseError, SettingsError):
        return {}  # the part “database” names the fault


def _problems(checked: SourceCheck) -> Iterator[Problem]:
    for fault in checked.faults[:NAMED]:
        yield Problem("sources", f"Source “{checked.name}”: {fault.message}", "warn")
    if (more := len(checked.faults) - NAMED) > 0:
        sentence = f"Source “{checked.name}” has {more} more: emag source check {checked.name}"
        yield Problem("sources", sentence, "warn")
