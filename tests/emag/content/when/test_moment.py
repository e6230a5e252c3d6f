"""Days and times of day in text, English and Welsh."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.when.clock import Clock
from emag.content.when.moment import at, moments

PUBLISHED = date(2026, 11, 26)  # a Thursday
BACK = timedelta(days=60)


def read(text, published=PUBLISHED):
    return [(m.first, m.last, m.hours) for m in moments(text, published=published, back=BACK)]


def written(text):
    (first, last, hours) = read(text)[0]
    days = f"{first}/{last}" if last else str(first)
    if hours is None:
        return days
    times = [f"{c.time:%H:%M}" for c in (hours.first, hours.last) if c]
    return f"{days} {'-'.join(times)}"


ONE_DAY = [
    *("3 December", "3rd December 2026", "Thursday 3 December", "Thurs. 3rd Dec", "Thu 3 Dec 26"),
    *("03/12/2026", "3.12.26", "3/12", "Thursday 3/12", "2026-12-03", "3-Dec-2026", "3 Dec. 2026"),
    *("December 3", "December 3rd, 2026", "Thursday, December 3 2026", "the 3rd of December"),
    *("Thursday the 3rd", "Dydd Iau 3 Rhagfyr", "3ydd o Ragfyr 2026", "nos Iau, 3 Rhagfyr"),
]


@pytest.mark.parametrize("text", [text for text in ONE_DAY if "Ragfyr" not in text])
def test_ways_to_write_one_day(text):
    assert read(text) == [(date(2026, 12, 3), None, None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3–5 December", "2026-12-03/2026-12-05"),
        ("Saturday 5 and Sunday 6 December", "2026-12-05/2026-12-06"),
        ("30 November to 4 December", "2026-11-30/2026-12-04"),
        ("28 December – 3 January 2027", "2026-12-28/2027-01-03"),
        ("28 December until 3 January", "2026-12-28/2027-01-03"),
        ("02/12/2026 - 19/12/2026", "2026-12-02/2026-12-19"),
        ("December 3-5, 2026", "2026-12-03/2026-12-05"),
        ("between 2 and 19 December", "2026-12-02/2026-12-19"),
        ("rhwng 2 Rhagfyr i 19 Rhagfyr", "2026-12-02/2026-12-19"),
        ("Band 6 – 15 December", "2026-12-15"),
        ("2 and 19 December", "2026-12-19"),
        ("Sift: 2 December\n- 19 December", "2026-12-02"),
    ],
)
def test_a_range_of_days(text, expected):
    assert written(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3 December, 10am–12noon", "10:00-12:00"),
        ("3 December, 10-11.30am", "10:00-11:30"),
        ("3 December 11–1pm", "11:00-13:00"),
        ("3 December, 2pm–4", "14:00-16:00"),
        ("3 December, 9.30 to 4pm", "09:30-16:00"),
        ("3 December 19:00 – 21:00", "19:00-21:00"),
        ("3 December at 5 p.m.", "17:00"),
        ("3 December at 5.00 pm", "17:00"),
        ("3 December (17.00pm)", "17:00"),
        ("3 December, 17h00", "17:00"),
        ("3 December, 1700hrs", "17:00"),
        ("3 December, 17:00 hours", "17:00"),
        ("12 noon on 3 December", "12:00"),
        ("12pm, 3 December", "12:00"),
        ("midday on Thursday 3 December", "12:00"),
        ("3 December, midnight", "00:00"),
        ("11:59PM on Thursday, 3 December", "23:59"),
        ("from 10:00 to 12:00 on 3 December", "10:00-12:00"),
        ("3 Rhagfyr am 5yp", "17:00"),
        ("3 Rhagfyr am hanner dydd", "12:00"),
        ("3 Rhagfyr, 7yh", "19:00"),
        ("2026-12-03T17:00:00Z", "17:00"),
        ("Dec 3, 2026 5:00 PM", "17:00"),
        # A number is no time, and one that may be in either half of the day is none.
        *((text, "") for text in ("3 December, 5", "3 December 5.00", "3 December, 2.30-4.30")),
        *((text, "") for text in ("3 December: 37 hours", "3 December, £10", "3 December 25:61")),
        *((text, "") for text in ("3 December 8 January", "3 December, 9 May", "3 December 8th")),
    ],
)
def test_the_times_with_a_day(text, expected):
    assert written(text) == f"2026-12-03 {expected}".strip()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Wednesday 3 December",
            "31 November",
            "30 February 2027",
            "14/14/2026",
            "Friday the 3rd",
        ),
        *(
            "May the best win",
            "10.30 at 5",
            "£3/12",
            "March on",
            "5-a-side",
            "24/7 press",
        ),
        *("December", "2026", "in 3 days", "Part 3", "9:30", "3 Hydrangeas", "12 marches", ""),
    ],
)
def test_no_day_is_better_than_a_wrong_one(text):
    assert read(text) == []


def test_every_day_of_a_text_in_its_order():
    days = read("5pm, 3 December; interviews: 14 December at 9am, 15 December")
    assert [day for day, _, _ in days] == [date(2026, 12, n) for n in (3, 14, 15)]
    assert [bool(hours) for _, _, hours in days] == [True, True, False]


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("", 12), ("GMT", 12), ("UK time", 12), ("BST", 12), ("Z", 13), ("+02:00", 11), ("EST", None)],
)
def test_a_time_of_another_zone_is_the_publications_or_none(zone, expected):
    moment = at(date(2026, 6, 14), Clock(12), written_zone=zone, zone=ZoneInfo("Europe/London"))
    assert (moment.hour if moment else None) == expected


DAYS = st.dates(date(2010, 1, 1), date(2080, 12, 31))
WELSH = "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr"
FORMS = [
    *("{d:%A} {d.day} {d:%B} {d.year}", "{d.day} {d:%b} {d.year}", "{d:%d/%m/%Y}", "{d:%Y-%m-%d}"),
    *("{d:%B} {d.day}, {d.year}", "{d:%a}, {d.day} {d:%B} {d.year}", "{d.day} {welsh} {d.year}"),
]


@given(DAYS, st.sampled_from(FORMS), st.sampled_from(["", "Closes ", "At noon, ", "(", "x\n"]))
def test_a_day_that_is_written_is_read_back(day, form, before):
    text = before + form.format(d=day, welsh=WELSH.split()[day.month - 1])
    assert [first for first, _, _ in read(text)] == [day]


@given(DAYS, st.integers(-59, 300), st.times())
def test_a_day_without_a_year_is_the_one_that_its_weekday_names(published, ahead, clock):
    day = published + timedelta(days=ahead)
    text = f"{day:%A} {day.day} {day:%B} at {clock:%H:%M}"
    [(first, last, hours)] = read(text, published)
    assert (first, last) == (day, None)
    if clock.hour >= 8:
        assert hours.first.time == time(clock.hour, clock.minute)


@given(DAYS, st.integers(1, 60))
def test_a_range_is_read_back(first, length):
    last = first + timedelta(days=length)
    text = f"{first.day} {first:%B} – {last.day} {last:%B} {last.year}"
    assert read(text)[0][:2] == (first, last)


@given(st.text(max_size=80) | st.lists(st.sampled_from(ONE_DAY), max_size=6).map(" - ".join))
def test_any_text_has_days_that_are_in_it(text):
    end = 0
    for m in moments(text, published=PUBLISHED, back=BACK):
        assert end <= m.start < m.end <= len(text)
        assert m.last is None or m.first < m.last
        end = m.end


def test_times_are_whole():
    assert Clock(9, 5).time == time(9, 5)
    assert datetime.combine(PUBLISHED, Clock(23, 59).time)
