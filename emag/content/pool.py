"""The pool of candidates: whether to admit, refresh or ignore a story that a source gives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from emag.content.story import Story

# Two stories with one guid, another title and dates further apart are two: some feeds use a guid
# again and again.
_CORRECTION = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story in the pool.

    `gathered_at` is when it was first gathered, aware UTC, and `section` the one that its source
    feeds. `from_archive` marks what its source had when it was read for the first time. `closed`
    says why the story is over, by what its page answered when it was last asked. `added_by` names
    the editor who added it by its address.
    """

    id: int
    story: Story
    gathered_at: datetime
    section: str = ""
    from_archive: bool = False
    closed: str = ""
    added_by: str = ""


class Intent(StrEnum):
    """What to do with a story that a source gives."""

    ADMIT = "admit"  # no source has given it before
    REFRESH = "refresh"  # edited since it was last read
    IGNORE = "ignore"  # unchanged


@dataclass(frozen=True, slots=True)
class PooledStory:
    """What the pool holds of a story: its row, its source and how it looked."""

    id: int
    source: str
    fingerprint: str
    section: str = ""
    added_by: str = ""
    is_open: bool = True


def judge(pooled: PooledStory | None, story: Story) -> Intent:
    """Compares a story with what the pool holds of it; None if it holds nothing."""
    if pooled is None:
        return Intent.ADMIT
    return Intent.IGNORE if pooled.fingerprint == story.fingerprint else Intent.REFRESH


def belongs_to(pooled: PooledStory | None, source: str, *, active: frozenset[str]) -> bool:
    """True if `source` may change the story. The first that gave it keeps it while it is active."""
    return pooled is None or pooled.source == source or pooled.source not in active


def is_correction(before: Story, after: Story) -> bool:
    """True if two stories with one guid and two links are one story with a corrected link."""
    if before.title.casefold() == after.title.casefold():
        return True
    if before.published is None or after.published is None:
        return True
    return abs(before.published - after.published) <= _CORRECTION
