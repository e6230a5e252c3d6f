"""The editors are told of a source in trouble once, and once more when it is well again."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from emag.content.sources import Memory, Reading
from emag.content.story import Kind, Story
from emag.desk import sources
from emag.errors import SourceError
from emag.schedule.tick import DESK, POST, tick
from tests.conftest import START


@dataclass
class Feed:
    """A source in memory with a page of any shape."""

    name: str = "posts"
    section: str = "posts"
    entries: int = 8
    dated: bool = True
    untitled: int = 0
    refused: int = 0
    moved_to: str = ""
    trouble: str = ""
    first: int = 0

    def read(self, _memory: Memory) -> Reading:
        if self.trouble:
            raise SourceError(self.trouble)
        usable = range(self.first, self.first + self.entries - self.refused)
        return Reading(
            tuple(self.story(number) for number in usable),
            Memory(moved_to=self.moved_to),
            entries=self.entries,
            untitled=self.untitled,
            refused=self.refused,
        )

    def story(self, number: int) -> Story:
        published = START - timedelta(days=3) + timedelta(hours=number) if self.dated else None
        link = f"https://a.example/{number}"
        return Story(self.name, Kind.POST, link, f"Story {number}", published=published)


@pytest.fixture
def feed() -> Feed:
    return Feed()


@pytest.fixture
def room(newsroom, feed):
    return replace(newsroom, sources=(feed,))


@pytest.fixture
def an_hour(room, clock, mail):
    """An hour passes; returns the letters to the editor that it brought."""

    def _hour(hours: int = 1) -> list[str]:
        before = len(mail("ann@"))
        clock.forward(hours=hours)
        tick(room, stages=(*DESK[:2], *POST))
        return [subject for _, subject in mail("ann@")][before:]

    return _hour


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"entries": 2}, "it shows 2 entries, and usually shows 8"),
        ({"entries": 0}, "it can be read, and shows no entry"),
        ({"dated": False}, "of its entries 8 of 8 have no date, and usually none"),
        ({"untitled": 7}, "of its entries 7 of 8 have no title, and usually none"),
        ({"refused": 6}, "of its entries 6 of 8 cannot be stories, and usually none"),
        ({"moved_to": "https://b.example/feed"}, "it has moved for good to https://b.example/feed"),
    ],
)
def test_each_trouble_is_told_once_and_once_when_it_is_over(
    room, feed, an_hour, texts, fault, sentence
):
    assert an_hour() == an_hour() == []
    healthy = {name: getattr(feed, name) for name in fault}
    vars(feed).update(fault)
    assert an_hour() == ["The source “posts” needs a look"]
    assert sentence in texts()[-1]
    assert an_hour() == an_hour(3) == an_hour(24) == []
    (standing,) = sources.troubles(room.database, room.settings)
    assert sentence in str(standing.trouble)
    vars(feed).update(healthy)
    assert an_hour() == ["The source “posts” is well again"]
    assert sources.troubles(room.database, room.settings) == []
    assert an_hour() == an_hour(24) == []


def test_one_bad_moment_is_not_told(room, feed, an_hour):
    an_hour()
    feed.trouble = "the site has trouble of its own"
    assert an_hour() == []
    assert len(sources.troubles(room.database, room.settings)) == 1
    feed.trouble = ""
    assert an_hour() == []
    feed.trouble = "the site has trouble of its own"
    assert an_hour() == an_hour() == []  # it was well an hour ago
    assert an_hour(24) == ["The source “posts” needs a look"]


def test_a_source_that_goes_up_and_down_writes_two_letters(room, feed, an_hour):
    an_hour()
    letters = []
    for hour in range(40):
        feed.entries = 1 if hour % 2 else 8
        letters += an_hour()
    assert letters == ["The source “posts” needs a look", "The source “posts” is well again"]


def test_drying_up_is_judged_by_the_usual_pause(room, feed, an_hour):
    assert an_hour() == []
    assert an_hour(24 * 15) == ["The source “posts” needs a look"]
    assert an_hour(24 * 15) == []
    feed.first = 1
    assert an_hour() == ["The source “posts” is well again"]


def test_what_lasts_for_four_weeks_is_usual(room, feed, an_hour):
    an_hour()
    feed.entries = 3
    assert an_hour() == ["The source “posts” needs a look"]
    feed.first, feed.entries = 20, 3
    an_hour(24 * 13)
    feed.first = 30
    an_hour(24 * 13)
    feed.first = 40
    assert an_hour(24 * 3) == []
    assert sources.troubles(room.database, room.settings) == []
    feed.entries = 8
    assert an_hour() == []
