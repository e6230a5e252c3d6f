"""Examines the templates: prints a sample issue with every part, and each letter."""

from collections.abc import Callable, Iterator
from functools import partial

from emag.doctor.problem import Problem
from emag.errors import EmagError
from emag.press import sample
from emag.press.compose import compose, compose_mail
from emag.press.words import words
from emag.settings import Settings

LETTERS = ("confirm", "welcome", "change")
_NOTICE = {"subject": "A notice", "heading": "A notice", "text": "Something happened.", "link": ""}


def examine(settings: Settings) -> Iterator[Problem]:
    sample_issue = sample.issue(settings, with_pictures=True)
    prints = [
        partial(compose, sample_issue, settings, now=sample.DAY),
        *(partial(compose_mail, letter, settings, {}) for letter in LETTERS),
        partial(compose_mail, "notice", settings, _NOTICE),
    ]
    sentences = dict.fromkeys(filter(None, map(_fault, prints)))  # a shared part has one fault
    yield from (Problem("templates", sentence) for sentence in sentences)
    try:
        yield from (Problem("templates", fault, "warn") for fault in words(settings).faults)
    except EmagError as error:
        if str(error) not in sentences:
            yield Problem("templates", str(error))


def _fault(print_it: Callable[[], object]) -> str:
    try:
        print_it()
    except EmagError as error:
        return str(error)
    return ""
