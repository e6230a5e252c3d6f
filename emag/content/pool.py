"""Candidates: admit, refresh or ignore a story; why it is in or out."""

from dataclasses import dataclass
from datetime import datetime

from emag.content.story import Story


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story in the pool. `seen` is when it was first gathered, aware UTC."""

    id: int
    story: Story
    seen: datetime
