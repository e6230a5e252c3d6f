"""Feeds of every make, each with the stories it must become in a file beside it."""

import json
from pathlib import Path

import pytest

from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jobs import JobsSource
from emag.content.story import from_dict, to_dict

FEEDS = Path(__file__).parent / "feeds"
EXPECTED = sorted(FEEDS.glob("*.expected.json"))
URL = "https://feeds.example/all"


def _page(file: Path, content_type: str = "") -> FetchedPage:
    return FetchedPage(URL, file.read_bytes(), content_type, Memory(digest="x"))


def _source(name: str) -> FeedSource | JobsSource:
    return (JobsSource if name.startswith("jobs") else FeedSource)("the-source", URL)


@pytest.mark.parametrize("beside", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_a_feed_becomes_the_stories_written_beside_it(beside):
    expected = json.loads(beside.read_text())
    name = beside.name.split(".")[0]
    file = next(f for f in FEEDS.glob(f"{name}.*") if f != beside)
    reading = _source(name).stories(_page(file))
    assert reading.title == expected["title"]
    assert list(reading.notes) == expected.get("notes", [])
    assert reading.entries == expected.get("entries", len(expected["stories"]))
    stories = [to_dict(story) for story in reading.stories]
    assert [s["link"] for s in stories] == [s["link"] for s in expected["stories"]]
    for story, wanted in zip(stories, expected["stories"], strict=True):
        assert {key: story[key] for key in wanted} == wanted
        assert story["source"] == "the-source"


@pytest.mark.parametrize("beside", EXPECTED, ids=lambda path: path.name.split(".")[0])
def test_what_is_stored_is_what_was_read(beside):
    name = beside.name.split(".")[0]
    file = next(f for f in FEEDS.glob(f"{name}.*") if f != beside)
    for story in _source(name).stories(_page(file)).stories:
        assert from_dict(json.loads(json.dumps(to_dict(story)))) == story


def test_a_section_of_events_holds_events():
    source = FeedSource("the-source", URL, "events")
    kinds = {story.kind for story in source.stories(_page(FEEDS / "events.xml")).stories}
    assert kinds == {"event"}


@pytest.mark.parametrize(
    ("encoding", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "application/rss+xml; charset=utf-8"),
        ("utf-16", "utf-16", ""),
        ("windows-1252", "windows-1252", "text/xml"),
        ("iso-8859-1", "iso-8859-1", ""),
        ("utf-8", "iso-8859-1", "text/xml; charset=utf-8"),  # the server is right
        ("utf-8", "utf-8", "text/xml; charset=us-ascii"),  # the server is wrong
        ("utf-8", "no-such-charset", ""),
        ("windows-1252", "utf-8", ""),  # nobody says the truth
    ],
)
def test_a_pound_and_an_accent_survive_every_charset(encoding, declared, content_type):
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>t</title>'
        "<item><title>Café for £3</title><link>https://a.example/1</link></item></channel></rss>"
    )
    page = FetchedPage(URL, text.encode(encoding), content_type, Memory())
    (story,) = FeedSource("s", URL).stories(page).stories
    assert story.title == "Café for £3"
