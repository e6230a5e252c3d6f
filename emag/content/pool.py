"""Candidates: admit, refresh or ignore a story; why it is in or out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from emag.content.story import Story


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story in the pool. `seen` is when it was first gathered, aware UTC.

    `section` is the one that its source feeds.
    """

    id: int
    story: Story
    seen: datetime
    section: str = ""


class Intent(StrEnum):
    """What is to be done with a story that a source hands over."""

    ADMIT = "admit"  # nobody has handed it over before
    REFRESH = "refresh"  # known, and edited since
    IGNORE = "ignore"  # known as it is


@dataclass(frozen=True, slots=True)
class Known:
    """What the pool remembers of a story: its row, whose it is, and how it looked."""

    id: int
    source: str
    fingerprint: str


def judge(known_fingerprint: str | None, story: Story) -> Intent:
    """`known_fingerprint` is how the story looked when it was last taken; None if it never was."""
    if known_fingerprint is None:
        return Intent.ADMIT
    return Intent.IGNORE if known_fingerprint == story.fingerprint else Intent.REFRESH


def belongs_to(known: Known | None, source: str, *, active: frozenset[str]) -> bool:
    """Whether `source` may speak for the story: the first that carried it keeps it while active."""
    return known is None or known.source == source or known.source not in active
