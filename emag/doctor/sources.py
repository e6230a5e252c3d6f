"""Examines the sources: one read of each, and every fault in what it gives."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from emag.desk import sources
from emag.desk.sources import SourceCheck
from emag.doctor.problem import Problem
from emag.settings import Settings
from emag.sources import sources as sources_of

WITHIN = timedelta(seconds=25)  # for all of them
NAMED = 3  # faults of one source; “emag source check” names the others


def examine(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[Problem]:
    adapters = sources_of(settings, now)
    for checked in sources.check_all(adapters, settings, now=now(), within=WITHIN):
        yield from _problems(checked)


def _problems(checked: SourceCheck) -> Iterator[Problem]:
    for fault in checked.faults[:NAMED]:
        yield Problem("sources", f"Source “{checked.name}”: {fault.message}", "warn")
    if (more := len(checked.faults) - NAMED) > 0:
        sentence = f"Source “{checked.name}” has {more} more: emag source check {checked.name}"
        yield Problem("sources", sentence, "warn")
