"""Three days of troubles: emag says each once when it begins and when it ends, and loses nobody.

`make troubles` lives through a whole week of them, and writes docs/troubles.md.
"""

from collections import Counter

import pytest

from tests.troubles import faults
from tests.troubles.faults import Act, Trouble, at
from tests.troubles.page import telling
from tests.troubles.week import live_through
from tests.troubles.world import Clock, World, timedelta

READERS = 40
STEP, QUIET = timedelta(minutes=2), timedelta(hours=2)
ISSUES = 3


def trouble(name: str, day: int, begins: str, ends: str, begin: Act, end: Act) -> Trouble:
    return Trouble(name, at(day, begins), at(day, ends), begin, end, after=5 * STEP, every=STEP)


DAYS = (
    trouble("relay", 0, "07:29", "07:39", faults.relay_goes, faults.relay_comes),
    trouble("refusal", 1, "07:29", "07:33", faults.refuse_us, faults.take_us_again),
    trouble("disk", 2, "07:29", "07:39", faults.fill_disk, faults.free_disk),
    trouble("lock", 2, "08:30", "08:40", faults.lock, faults.unlock),
    trouble("clock", 2, "09:30", "09:34", faults.clock_ahead, faults.clock_right),
)
# What has to be read of each: in the log, in the alerts, and as the alert of its end.
WORDS = {
    "relay": ("nothing answers at that port", "Mail cannot leave"),
    "refusal": ("530 5.7.0", "the mail server refuses us"),
    "disk": ("The disk is full", "The database refuses to work"),
    "lock": ("in use by another program", "The database refuses to work"),
    "clock": ("went forward by 24 hours", "The clock has jumped"),
}


@pytest.fixture
def lived(tmp_path):
    """The world after these days, and a report of each trouble."""
    world = World(Clock(at(0, "05:50")), tmp_path / "crier", days=ISSUES)
    with world.opened(READERS):
        yield world, list(live_through(world, DAYS, quiet=QUIET, looks=False))


def texts(sentences, *places):
    return [s.text for s in telling(sentences) if s.place in places]


# One test: these days are lived once.
def test_each_trouble_is_told_when_it_begins_and_when_it_ends_and_nobody_is_lost(lived):
    world, reports = lived
    assert_one_copy_for_each_reader(world)
    for report in reports:
        words, subject = WORDS[report.trouble.name]
        assert_told_when_it_begins(report, words, subject)
        assert_told_when_it_ends(report, words)


def assert_one_copy_for_each_reader(world):
    sums = world.sums()
    assert len(sums) == ISSUES
    for counts in sums:
        assert counts["planned"] == counts["accepted"] == READERS
    assert set(world.relay.copies.values()) == {1}
    copies = Counter(subject for subject, _ in world.relay.copies)
    assert sorted(copies.values()) == [READERS] * ISSUES


def assert_told_when_it_begins(report, words, subject):
    assert [text for text in texts(report.during, "log") if words in text]
    assert [text for text in texts(report.during, "healthz") if words in text]
    for way in ("webhook", "second mail"):
        begun = texts(report.during, way)
        assert len(begun) == 1, (way, begun)
        assert subject in begun[0]


def assert_told_when_it_ends(report, words):
    assert [text for text in texts(report.afterwards, "log") if words in text]
    assert texts(report.afterwards, "healthz")[-1] == "200"
    assert [text for text in texts(report.afterwards, "mail") if "It is over" in text]
    for way in ("webhook", "second mail"):
        over = texts(report.afterwards, way)
        assert len(over) == 1, (way, over)
        assert "It is over" in over[0]
