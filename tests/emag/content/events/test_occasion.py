"""When and where an event takes place, as posts say it."""

import time
from datetime import date, datetime

import pytest

from emag.content.events.occasion import find
from emag.content.events.venue import Venue, price, venue

DAY = date(2026, 11, 26)

POSTS = [  # text, start, end, place
    ("Thursday 3 December, 10am–12noon, Leeds", "12-03T10:00", "12-03T12:00", "Leeds"),
    (
        "Thursday 3rd December 2026 | 10am - midday | Old Library",
        "12-03T10:00",
        "12-03T12:00",
        "Old Library",
    ),
    (
        "On Thursday 3 December 2026 from 6pm to 8.30pm at the Town Hall, Exampleton. Book now.",
        "12-03T18:00",
        "12-03T20:30",
        "Town Hall, Exampleton",
    ),
    (
        "When: 3 December, 10-11.30am\nWhere: The Hub, York",
        "12-03T10:00",
        "12-03T11:30",
        "The Hub, York",
    ),
    (
        "Date: Tuesday 8th December\nTime: 19:00 – 21:00\nVenue: Town Hall",
        "12-08T19:00",
        "12-08T21:00",
        "Town Hall",
    ),
    ("3–5 December 2026, Manchester", "12-03T00:00", "12-05T00:00", "Manchester"),
    ("Monday 30 November to Friday 4 December", "11-30T00:00", "12-04T00:00", ""),
    ("Sat 5 Dec, 11-1pm", "12-05T11:00", "12-05T13:00", ""),
    ("2pm on Friday 11 December", "12-11T14:00", None, ""),
    ("from 10:00 to 12:00 on Thursday 3 December in Leeds", "12-03T10:00", "12-03T12:00", "Leeds"),
    ("December 3, 2026, 9:30 AM - 11 AM, Town Hall", "12-03T09:30", "12-03T11:00", "Town Hall"),
    ("October 6-8 2026", "10-06T00:00", "10-08T00:00", ""),
    ("Dydd Iau 3 Rhagfyr, 10am-12pm, Caerdydd", "12-03T10:00", "12-03T12:00", "Caerdydd"),
    ("Friday 4 December, 7pm to midnight", "12-04T19:00", "12-05T00:00", ""),
    ("Thursday 3 December, 10am, free", "12-03T10:00", None, ""),
    ("Thursday 3 December, 2pm ET", "12-03T00:00", None, ""),
    ("Book by Monday 30 November. It is on Thursday 3 December at 10am.", "12-03T10:00", None, ""),
]
NO_DAYS = [
    "Wednesday 3 December, 10am, Leeds",  # a Thursday
    "Applications close on Friday 4 December",
    "Book before Friday 4 December",
    "Last Thursday 19 November we met",  # was on a Thursday, a week ago: a report
    "Some time in December",
    "30 February, 10am",
    "We sold 10 maypoles in 2026",
    "",
]


@pytest.mark.parametrize(
    ("text", "starts", "ends", "place"), POSTS, ids=lambda value: str(value)[:30]
)
def test_what_a_post_says(text, starts, ends, place):
    event = find("An evening with subs", text, published=DAY)
    assert event
    assert event.starts == datetime.fromisoformat(f"2026-{starts}")
    assert event.ends == (datetime.fromisoformat(f"2026-{ends}") if ends else None)
    assert event.place == place


@pytest.mark.parametrize("text", NO_DAYS)
def test_a_missing_day_is_better_than_a_wrong_one(text):
    assert find("An evening with subs", text, published=DAY) is None


def test_the_day_in_the_title_beats_one_in_the_text():
    event = find("Subs’ ball, Saturday 12 December", "Next: Friday 4 December, 10am", published=DAY)
    assert event
    assert event.starts == datetime.fromisoformat("2026-12-12")


def test_a_day_without_a_year_is_near_the_day_of_publication():
    event = find("A", "Thursday 14 January, 12.30–1.30pm, online via Teams", published=DAY)
    assert event
    assert event.online
    assert event.starts == datetime.fromisoformat("2027-01-14T12:30")
    assert find("A", "Thursday 14 January, 12.30pm", published=None) is None


@pytest.mark.parametrize(
    ("text", "place", "online"),
    [
        ("Online", "", True),
        ("Online (Zoom)", "", True),
        ("https://zoom.us/j/123", "", True),
        ("Microsoft Teams Meeting", "", True),
        ("Leeds and online", "Leeds", True),
        ("Town Hall / Zoom", "Town Hall", True),
        ("Online and at Town Hall", "Town Hall", True),
        ("The Online Centre, Leeds", "The Online Centre, Leeds", False),
        ("Town Hall, Exampleton, United Kingdom", "Town Hall, Exampleton", False),
        ("TBC", "", False),
        ("", "", False),
    ],
)
def test_a_place_or_online(text, place, online):
    assert venue(text) == Venue(place, online)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tickets: £10.50", "£10.50"),
        ("Cost: free", "Free"),
        ("This is a free event.", "Free"),
        ("Tickets are £12 on the door", "£12"),
        ("Price: £10 members, £15 others. Book now", "£10 members, £15 others"),
        ("Feel free to come", ""),
        ("A free lunch", ""),
        ("Tickets: https://tickets.example/", ""),
    ],
)
def test_what_it_costs(text, expected):
    assert price(text) == expected


@pytest.mark.parametrize(
    "piece", ["-\n", "3 ", "3 December ", "10am ", ", ", "When: ", "at (", "£", "\n"]
)
def test_a_text_made_to_be_slow_takes_little_time(piece):
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    find("A", text, published=DAY)
    venue(text)
    price(text)
    assert time.perf_counter() - started < 20
