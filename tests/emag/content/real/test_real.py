"""Pages and feeds as the common systems write them, each with what a sub-editor would print.

The texts and names are our own. Structure, classes and furniture are those of the systems.
"""

import json
from pathlib import Path

import pytest

from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.pages import page_story

REAL = Path(__file__).parent
PAGES = sorted((REAL / "pages").glob("*.json"))
FEEDS = sorted((REAL / "feeds").glob("*.expected.json"))
ADDRESS = "https://feeds.example/feed"


def printed(story):
    return {
        "url": story.link,
        "title": story.title,
        "author": story.author,
        "summary": story.summary,
        "picture": story.picture and story.picture.url,
        "published": story.published and story.published.isoformat(),
        "kicker": story.kicker,
    }


def fetched(file, address):
    return FetchedPage(address, file.read_bytes(), "", Memory())


def test_there_are_sixty_pages_and_thirty_feeds():
    assert (len(PAGES), len(FEEDS)) == (60, 30)


@pytest.mark.parametrize("beside", PAGES, ids=lambda path: path.stem)
def test_a_page_is_printed_as_a_sub_editor_would(beside):
    expected = json.loads(beside.read_text())
    page = fetched(beside.with_suffix(".html"), expected["url"])
    story = printed(page_story(page, source="s", section="posts"))
    assert {key: story[key] for key in expected} == expected


@pytest.mark.parametrize("beside", FEEDS, ids=lambda path: path.name.split(".")[0])
def test_a_feed_is_printed_as_a_sub_editor_would(beside):
    expected = json.loads(beside.read_text())
    name = beside.name.removesuffix(".expected.json")
    file = next(path for path in beside.parent.glob(f"{name}.*") if path != beside)
    reading = FeedSource("s", ADDRESS).stories(fetched(file, ADDRESS))
    assert [printed(story) for story in reading.stories] == expected
