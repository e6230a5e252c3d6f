"""Events in feeds and on pages: dates in fields, in JSON-LD, and in the words of a post."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.pages import page_story
from emag.content.story import Kind

LONDON = ZoneInfo("Europe/London")
FEED = FeedSource("f", "https://e.example/feed", "events", zone=LONDON)
SPACES = (
    'xmlns:ev="http://purl.org/rss/1.0/modules/event/" xmlns:xcal="urn:ietf:params:xml:ns:xcal" '
    'xmlns:mec="http://webnus.net/rss/mec/" xmlns:x="https://e.example/ns"'
)


def story(fields, *, source=FEED, title="A talk", category=""):
    """The story of one item."""
    head = f"<title>{title}</title><link>https://e.example/a</link>{category}"
    date = "<pubDate>Thu, 26 Nov 2026 09:00:00 GMT</pubDate>"
    item = f"<item>{head}{date}{fields}</item>"
    text = f'<rss version="2.0" {SPACES}><channel><title>E</title>{item}</channel></rss>'
    page = FetchedPage("https://e.example/feed", text.encode(), "", Memory())
    reading = source.stories(page)
    return (*reading.stories, *reading.cancelled)[0]


START, END = "2026-12-03T10:00:00+00:00", "2026-12-03T12:00:00Z"
HOURS = (
    "<mec:startDate>2027-06-03</mec:startDate><mec:startHour>10:00 am</mec:startHour>"
    "<mec:endDate>2027-06-03</mec:endDate><mec:endHour>1:30 pm</mec:endHour>"
)
FIELDS = [  # fields, start and end in UTC
    (
        f"<ev:startdate>{START}</ev:startdate><ev:enddate>{END}</ev:enddate>",
        *("2026-12-03T10:00Z", "2026-12-03T12:00Z"),
    ),
    ("<xcal:dtstart>2027-06-03T10:00</xcal:dtstart>", "2027-06-03T09:00Z", None),
    ("<x:dtstart>20270603T100000Z</x:dtstart>", "2027-06-03T10:00Z", None),
    (HOURS, "2027-06-03T09:00Z", "2027-06-03T12:30Z"),
    ("<startDate>2027-06-03</startDate>", "2027-06-02T23:00Z", None),
    (
        "<description>Thursday 3 December, 10am–12noon, Leeds</description>",
        *("2026-12-03T10:00Z", "2026-12-03T12:00Z"),
    ),
]


@pytest.mark.parametrize(("fields", "starts", "ends"), FIELDS, ids=lambda value: str(value)[:24])
def test_the_date_of_an_event_in_a_feed(fields, starts, ends):
    event = story(fields)
    assert event.kind is Kind.EVENT
    assert event.starts == datetime.fromisoformat(starts)
    assert event.ends == (datetime.fromisoformat(ends) if ends else None)


def test_place_price_and_state_in_a_feed():
    event = story(
        "<ev:startdate>2026-12-03</ev:startdate><mec:location>Online via Zoom</mec:location>"
        "<mec:cost>12.50</mec:cost><x:eventstatus>cancelled</x:eventstatus>"
    )
    assert (event.where, event.price, event.cancelled) == ("Online", "£12.50", True)


@pytest.mark.parametrize(
    ("category", "text", "kind"),
    [
        ("Events", "Thursday 3 December, 10am, Leeds", Kind.EVENT),
        ("Events", "We met on Thursday 19 November at 10am.", Kind.POST),
        ("Events", "Nobody says when.", Kind.POST),
        ("News", "Thursday 3 December, 10am, Leeds", Kind.POST),
    ],
)
def test_a_post_filed_as_an_event_is_one_if_it_names_a_day_to_come(category, text, kind):
    blog = FeedSource("f", "https://e.example/feed", "posts", zone=LONDON)
    filed = f"<category>{category}</category>"
    assert story(f"<description>{text}</description>", source=blog, category=filed).kind is kind


def test_a_page_that_describes_its_event():
    text = """<html><head><title>Ball</title><script type="application/ld+json">
    {"@type": "DanceEvent", "name": "The Subs’ Ball",
     "startDate": "2027-06-03T19:30", "endDate": "2027-06-03T23:00",
     "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
     "isAccessibleForFree": true,
     "location": [{"@type": "VirtualLocation", "url": "https://x.example"},
                  {"@type": "Place", "name": "Corn Exchange",
                   "address": {"addressLocality": "Leeds"}}]}
    </script></head><body><h1>Ball</h1></body></html>"""
    page = FetchedPage("https://e.example/ball", text.encode(), "text/html", Memory())
    event = page_story(page, source="s", section="events", zone=LONDON)
    assert event.kind is Kind.EVENT
    assert event.starts == datetime(2027, 6, 3, 18, 30, tzinfo=UTC)
    assert event.ends == datetime(2027, 6, 3, 22, tzinfo=UTC)
    assert (event.where, event.price) == ("Corn Exchange, Leeds and online", "Free")
