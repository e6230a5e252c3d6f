"""Weeks of a publication: who writes its stories, and what must hold after all of them."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from emag.content import store as pool
from emag.database import Database
from emag.issues import approval
from emag.issues.issue import Issue

ARCHIVE = 36  # stories from long before the publication: the first issue takes the newest of them


class Writers:
    """Write at random, under true dates, old dates and none."""

    def __init__(self, shelf: Any, *, seed: int = 7) -> None:
        self.shelf, self.chance, self.written = shelf, random.Random(seed), 0

    def fill_archive(self, now: datetime) -> None:
        """Puts the stories on the shelf that are older than the publication."""
        for number in range(ARCHIVE):
            published = now - timedelta(days=30 + number)
            self.shelf.put(f"Archive {number}", published=published)

    def write(self, now: datetime, count: int) -> None:
        for _ in range(count):
            self.written += 1
            dated = self.chance.choice([now, now, None, now - timedelta(days=40)])
            self.shelf.put(f"Story {self.written}", published=dated)


def assert_no_story_twice_and_none_lost(
    sent: Sequence[Issue], database: Database, written: int
) -> None:
    titles = Counter(pick.story.title for issue in sent for pick in issue.picks)
    assert max(titles.values()) == 1
    archive = {title for title in titles if title.startswith("Archive")}
    assert set(titles) - archive == {f"Story {number}" for number in range(1, written + 1)}
    assert archive <= {pick.story.title for pick in sent[0].picks}, "only the first issue's"
    with database.reading() as conn:
        assert len(pool.candidates(conn)) == written + ARCHIVE
        assert len(approval.used(conn)) == len(titles)


def assert_one_copy_each(
    sent: Sequence[Issue], mail: Callable[[str], list[tuple[str, str]]], readers: int
) -> None:
    copies = Counter(to for to, _ in mail("reader"))
    assert copies == {f"reader{number}@example.org": len(sent) for number in range(readers)}
