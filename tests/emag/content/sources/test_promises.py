"""What every source promises, whichever it is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from emag.content.sources import Memory
from emag.content.sources.calendar import CalendarSource
from emag.content.sources.feed import FeedSource
from emag.content.sources.folder import FolderSource
from emag.content.sources.jobs import JobsSource
from emag.content.story import canonical
from emag.errors import SourceError


@pytest.fixture(params=["feed", "jobs", "folder", "calendar"])
def kind(request):
    return request.param


CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:a
SUMMARY:A
DTSTART:20260601T100000Z
URL:HTTPS://Example.org/a#b
END:VEVENT
BEGIN:VEVENT
UID:b
SUMMARY:B
DTSTART:broken
END:VEVENT
END:VCALENDAR
"""


def calendar(url):
    zone = ZoneInfo("Europe/London")
    return CalendarSource(
        "s", url, "posts", lambda: datetime(2026, 5, 1, tzinfo=UTC), zone, allow_private=True
    )


@pytest.fixture
def working(kind, site, tmp_path, feed_file):
    if kind == "folder":
        (tmp_path / "a.md").write_text("---\ntitle: A\nlink: HTTPS://Example.org/a#b\n---\nHi\n")
        (tmp_path / "b.md").write_text("broken")
        return FolderSource("s", tmp_path, "posts")
    if kind == "calendar":
        return calendar(site.serve("/c.ics", CALENDAR))
    site.serve("/feed", feed_file("odd.xml"))
    return {"feed": FeedSource, "jobs": JobsSource}[kind](
        "s", site.url + "/feed", "posts", timeout=2, max_bytes=10_000, allow_private=True
    )


@pytest.fixture
def away(kind, site, tmp_path):
    if kind == "folder":
        return FolderSource("s", tmp_path / "nowhere", "posts")
    if kind == "calendar":
        return calendar(site.url + "/nowhere")
    make = {"feed": FeedSource, "jobs": JobsSource}[kind]
    return make("s", site.url + "/nowhere", "posts", allow_private=True)


def test_it_has_the_name_and_section_of_its_setting(working):
    assert (working.name, working.section) == ("s", "posts")


def test_its_stories_are_its_own_and_have_canonical_links(working):
    reading = working.read(Memory())
    assert reading.stories
    for story in reading.stories:
        assert story.source == "s"
        assert story.title
        assert story.link == canonical(story.link) != ""


def test_what_cannot_be_used_is_counted_and_noted(working):
    reading = working.read(Memory())
    assert reading.notes
    assert reading.entries == len(reading.stories) + len(reading.notes)


def test_a_second_read_with_its_memory_is_unchanged(working):
    memory = working.read(Memory()).memory
    again = working.read(memory)
    assert again.unchanged
    assert again.stories == ()
    assert again.memory == memory


def test_the_same_content_is_the_same_reading(working):
    assert working.read(Memory()) == working.read(Memory())


def test_memory_of_something_else_is_void(working):
    memory = working.read(Memory()).memory
    other = Memory(memory.etag, memory.modified, memory.digest, "something else")
    assert not working.read(other).unchanged


def test_it_raises_one_sentence_where_it_cannot_be_read(away):
    with pytest.raises(SourceError) as caught:
        away.read(Memory())
    assert "\n" not in str(caught.value)
    assert not caught.value.permanent
