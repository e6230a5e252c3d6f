"""Decides how grave a fault is: as its rule says, unless [checks] says otherwise."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from emag.checks.fault import Fault
from emag.settings import ChecksSettings


def settled(faults: Iterable[Fault], settings: ChecksSettings) -> Iterator[Fault]:
    """The faults with the severity that the settings give; none of a rule that is off."""
    for fault in faults:
        if fault.rule in settings.block:
            yield replace(fault, severity="block")
        elif fault.rule in settings.warn:
            yield replace(fault, severity="warn")
        elif fault.rule not in settings.off:
            yield fault
