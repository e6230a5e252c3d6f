"""Events that vanish from a feed or a page: withdrawn where they belong, and their page is gone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emag.content import store
from emag.content.closing import CANCELLED, UNANNOUNCED, of_event
from emag.content.gather import gather
from emag.content.pages.page import PageAnswer
from emag.content.sources.feed import FeedSource
from emag.content.sources.pages import WebPages
from emag.content.story import Kind, Story
from emag.content.withdrawal import belongs

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def event(day, *, starts=None):
    """An event that was announced on a day of March, and takes place on one of April."""
    published = MONDAY.replace(day=day) if day else None
    at = MONDAY + timedelta(days=30 + starts) if starts is not None else None
    link = f"https://e.example/{day}-{starts}"
    return Story("s", Kind.EVENT, link, "A walk", published=published, starts=at)


NEWEST_FIRST = [event(day) for day in (20, 15, 10)]
IN_ORDER = [event(0, starts=day) for day in (1, 5, 9)]


@pytest.mark.parametrize(
    ("one", "entries", "expected"),
    [
        (event(12), NEWEST_FIRST, True),
        (event(25), NEWEST_FIRST, True),
        (event(5), NEWEST_FIRST, False),  # older ones have left the feed
        (event(12), [event(20), event(2), event(15)], False),  # an old one is kept on top
        (event(12), NEWEST_FIRST[:2], False),
        (event(0, starts=7), IN_ORDER, True),
        (event(0, starts=12), IN_ORDER, False),  # on the next page
        (event(0, starts=0), IN_ORDER, False),
        (event(0, starts=7), IN_ORDER[::-1], False),
        (event(0), [], False),
    ],
)
def test_a_list_shows_what_belongs_between_the_ends_of_its_order(one, entries, expected):
    assert belongs(replace(one, link="https://e.example/own"), entries) is expected


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        (410, "", UNANNOUNCED),
        (200, "<p>This event has been cancelled.</p>", CANCELLED),
        (200, "<p>Mae'r digwyddiad hwn wedi ei ganslo.</p>", CANCELLED),
        (200, "<p>If the event is cancelled, we refund you.</p>", ""),
        (200, "<p>Come along.</p>", ""),
        (0, "", ""),
    ],
)
def test_the_page_of_an_event_says_that_it_is_off(status, text, reason):
    assert of_event(PageAnswer(status, text)) == reason


def test_an_event_that_vanishes_from_its_feed_is_withdrawn_until_it_is_back(site, database, clock):
    def serve(*days):
        items = "".join(
            f"<item><title>Walk {day}</title><link>{site.url}/{day}</link>"
            f"<pubDate>Mon, {day:02} Feb 2026 09:00:00 +0000</pubDate>"
            f"<description>{day + 10} April 2026, 10am, the weir.</description></item>"
            for day in days
        )
        site.serve("/feed", f'<rss version="2.0"><channel>{items}</channel></rss>')

    def read():
        clock.at += timedelta(hours=1)
        source = FeedSource("walks", site.url + "/feed", "events", 5, allow_private=True)
        gather(database, [source], now=clock(), pages=WebPages(allow_private=True, base_url=""))
        with database.reading() as conn:
            return {c.story.title: c.closed for c in store.candidates(conn)}

    clock.at = MONDAY
    serve(12, 11, 10, 9)
    assert set(read().values()) == {""}
    serve(13, 12, 10)  # 9 is too old to be there, 11 is gone and has no page
    assert read() == {
        "Walk 13": "",
        "Walk 12": "",
        "Walk 11": UNANNOUNCED,
        "Walk 10": "",
        "Walk 9": "",
    }
    serve(13, 12, 11, 10)
    assert set(read().values()) == {""}
