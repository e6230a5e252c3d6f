"""Examines the templates: prints a sample issue with a story of each kind."""

from collections.abc import Iterator

from emag.doctor.problem import Problem
from emag.errors import EmagError
from emag.press import sample
from emag.press.compose import compose
from emag.press.words import words
from emag.settings import Settings


def examine(settings: Settings) -> Iterator[Problem]:
    try:
        compose(sample.issue(settings), settings, now=sample.DAY)
        yield from (Problem("templates", fault, "warn") for fault in words(settings).faults)
    except EmagError as error:
        yield Problem("templates", str(error))
