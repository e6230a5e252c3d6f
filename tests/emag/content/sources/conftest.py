"""What the tests of feed formats share."""

import pytest

from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.story import Story

FEED = "https://crier.example/feed"


@pytest.fixture
def read_feed():
    """Reads a feed: `read_feed(body)` or `read_feed(body, "application/feed+json")`."""

    def read(body, content_type=""):
        return FeedSource("crier", FEED).stories(
            FetchedPage(FEED, body.encode(), content_type, Memory())
        )

    return read


@pytest.fixture
def assert_becomes(read_feed):
    """Asserts what the one story of a feed says: `assert_becomes(body, title="Lamps")`."""

    def check(feed, /, **expected):
        (story,) = read_feed(feed).stories
        facts = _facts(story)
        if "inside" in expected:
            assert expected.pop("inside") in story.body
        assert {name: facts[name] for name in expected} == expected

    return check


def _facts(story: Story) -> dict[str, object]:
    pictures = [picture for picture in (story.picture, *story.other_pictures) if picture]
    names = ("title", "summary", "link", "guid", "body", "author", "categories", "kicker")
    return {
        **{name: getattr(story, name) for name in (*names, "published")},
        "pictures": [picture.url for picture in pictures],
        "alts": [picture.alt for picture in pictures],
    }
