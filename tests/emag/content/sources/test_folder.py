"""Stories that the editors write themselves, as files."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from emag.content.sources import Memory
from emag.content.sources.folder import FolderSource
from emag.content.story import Kind
from emag.errors import SourceError

POST = """---
title: "A walk: through the archive"
date: 2026-03-05 14:00
link: https://example.org/walk?utm_source=x
picture: /pictures/walk.png
alt: Shelves of boxes
featured: true
author: Ann Bell
categories: [History, Walks]
---
We *walked*. <script>alert(1)</script>

![A map](https://example.org/map.png)
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "stories"
    place.mkdir()
    return place


@pytest.fixture
def source(folder):
    zone = ZoneInfo("Europe/London")
    return FolderSource("ours", folder, "posts", "https://mail.example.org", zone=zone)


def one(source):
    reading = source.read(Memory())
    assert reading.notes == ()
    (story,) = reading.stories
    return story


def test_a_file_becomes_a_story(folder, source):
    (folder / "walk.md").write_text(POST)
    story = one(source)
    assert story.source == "ours"
    assert story.kind is Kind.POST
    assert story.link == "https://example.org/walk"
    assert story.title == "A walk: through the archive"
    assert story.summary == "We walked."
    assert story.body.startswith("<p>We <em>walked</em>.")
    assert "script" not in story.body
    assert story.published == datetime(2026, 3, 5, 14, tzinfo=UTC)
    assert story.picture.url == "https://mail.example.org/pictures/walk.png"
    assert story.picture.alt == "Shelves of boxes"
    assert story.author == "Ann Bell"
    assert story.categories == ("History", "Walks")
    assert story.featured


def test_an_event_keeps_the_time_of_its_zone(folder, source):
    (folder / "fair.md").write_text(
        "---\ntitle: The fair\nlink: https://example.org/fair\nkind: event\n"
        "starts: 2026-07-01 18:30\nplace: York\nsummary: Come along\n---\n"
    )
    story = one(source)
    assert story.kind is Kind.EVENT
    assert story.starts == datetime(2026, 7, 1, 17, 30, tzinfo=UTC)
    assert (story.place, story.summary) == ("York", "Come along")


def test_a_job_has_its_facts(folder, source):
    (folder / "job.md").write_text(
        "---\ntitle: '*JOB OF THE WEEK* press officer, Dales Council'\nkind: job\n"
        "link: https://example.org/job\nplace: York\ncloses: 2026-03-14\n---\nSalary: £30,000\n"
    )
    story = one(source)
    assert story.kind is Kind.JOB
    assert (story.vacancy.role, story.vacancy.employer) == ("press officer", "Dales Council")
    assert (story.vacancy.place, story.vacancy.salary) == ("York", "£30,000")
    assert story.vacancy.closes == date(2026, 3, 14)
    assert story.featured


def test_the_section_says_what_a_file_is(folder):
    (folder / "fair.md").write_text("---\ntitle: Fair\nlink: https://example.org/fair\n---\n")
    assert one(FolderSource("ours", folder, "events")).kind is Kind.EVENT


BROKEN = [
    (b"no front matter", "front matter"),
    (b"---\ntitle: a\n", "front matter"),
    (b"---\ntitle: [\n---\n", "no YAML (line"),
    (b"---\n- a\n---\n", "lines like"),
    (b"---\ntitle: A\n---\n", "needs a link"),
    (b"---\ntitle: A\nlink: javascript:alert(1)\n---\n", "needs a link"),
    (b"---\nlink: https://example.org/a\n---\n", "needs a title"),
    (b"---\ntitle: A\nlink: https://example.org/a\ndate: soon\n---\n", "is no date"),
    (b"---\ntitle: A\nlink: https://example.org/a\nstarts: 7\n---\n", "is no date"),
    (b"---\ntitle: A\nlink: https://example.org/a\nkind: poem\n---\n", "kind"),
    (b"---\ntitle: A\nlink: https://example.org/a\nkind: job\ncloses: soon\n---\n", "closes"),
    (b"---\ntitle: A\nlink: https://example.org/a\ncategories: 7\n---\n", "list"),
    (b"---\ntitle: A\nlink: https://example.org/a\npicture: ftp://a/b\n---\n", "picture"),
    (b"---\ntitle: A\nlink: https://example.org/a\ntags: b\n---\n", "\u201ctags\u201d"),
    (b"---\ntitle: \xff\n---\n", "UTF-8"),
    (b"---\nx: &a [*a]\n---\n", "means nothing"),
    (b"x" * 1_000_001, "larger than"),
]


@pytest.mark.parametrize(("content", "words"), BROKEN, ids=lambda value: str(value)[:30])
def test_a_broken_file_is_named_and_stops_no_other(folder, source, content, words):
    (folder / "a-broken.md").write_bytes(content)
    (folder / "walk.md").write_text(POST)
    reading = source.read(Memory())
    assert [story.link for story in reading.stories] == ["https://example.org/walk"]
    assert reading.entries == 2
    (note,) = reading.notes
    assert note.startswith("a-broken.md: ")
    assert words in note


def test_a_link_of_a_file_that_cannot_be_opened_is_noted(folder, source):
    (folder / "gone.md").symlink_to(folder / "nowhere.md")
    (note,) = source.read(Memory()).notes
    assert note.startswith("gone.md: it cannot be read")


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        FolderSource("ours", tmp_path / "nowhere").read(Memory())


def test_an_unchanged_folder_is_not_read_twice(folder, source):
    (folder / "walk.md").write_text(POST)
    memory = source.read(Memory()).memory
    assert source.read(memory).unchanged
    (folder / "walk.md").write_text(POST + "\nMore.")
    assert not source.read(memory).unchanged
