"""A date is read right or not at all."""

from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.when.stamp import from_milliseconds, moment, written_day

AT = datetime(2026, 11, 20, 14, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T14:33:00Z",
        "2026-11-20T14:33Z",
        "2026-11-20T14:33:00.000+00:00",
        "2026-11-20 15:33:00 +0100",
        "2026/11/20 14:33:00",
        "20261120T143300Z",
        "2026-11-20T143300Z",
        "Fri, 20 Nov 2026 14:33:00 GMT",
        "Fri,20 Nov 2026 14:33:00 GMT",
        "Fri, 20 Nov 2026 02:33:00 PM",
        "Fri, 20 Nov 2026 09:33 EST",
        "Fri, 20 Nov 2026 15:33:00 +0100 (CET)",
        "Friday, 20 November 2026 14:33:00 +0000",
        "20 Nov 26 14:33 UT",
        "20-Nov-2026 14:33",
        "November 20th, 2026 at 2:33 p.m.",
        "Nov 20, 2026, 2:33 pm",
        "Fri Nov 20 14:33:00 2026",
        "Fri Nov 20 15:33:00 CET 2026",
        "20.11.2026, 14:33",
        "20/11/2026 14:33",
        "11/20/2026 02:33 PM",
        "Fri Nov 20 2026 14:33:00 GMT+0000 (Coordinated Universal Time)",
        "Fri, 20 Nov 2026 14:33:00 Europe/London",
    ],
)
def test_ways_to_write_one_time(text):
    assert moment(text) == AT


@pytest.mark.parametrize(
    ("text", "hour"),
    [("12:05 AM", 0), ("01:05 am", 1), ("11:05 AM", 11), ("12:05 PM", 12), ("02:05 PM", 14)],
)
def test_a_clock_of_twelve_hours(text, hour):
    assert moment(f"2026-11-20 {text}") == AT.replace(hour=hour, minute=5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026",
        "2026-11",
        "1700000000",
        "9" * 5000,
        "05/03/2026",  # March in Britain, May in America
        "2026-02-30",
        "31 Nov 2026",
        "2026-13-01",
        "2026-11-20T25:00:00Z",
        "2026-11-20T14:61:00Z",
        "2026-11-20 14:33 PM",
        "2026-11-20 00:33 PM",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-20T14:33:00+99:00",
        "Fri, 20 Nov 2026 14:33:00 IST",  # India, Ireland or Israel
        "Fri, 20 Nov 2026 14:33:00 Nowhere/Land",
        "20 novembre 2026",
        "2026-11-20T14:33:00Z and more",
        "٢٠٢٦-١١-٢٠",
    ],
)
def test_no_date_is_better_than_a_wrong_one(text):
    assert moment(text) is None


offsets = st.integers(-13 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
seconds = st.integers(0, 6_900_000_000)  # from 1970 to 2188
times = st.builds(datetime.fromtimestamp, seconds, offsets)


@given(at=times)
def test_what_programs_write_is_read_back(at):
    assert moment(at.isoformat()) == at
    assert moment(format_datetime(at)) == at
    assert written_day(at.isoformat()) == at.date()


@given(text=st.text(max_size=40))
def test_any_text_is_a_time_in_range_or_none(text):
    at = moment(text)
    assert at is None or (at.tzinfo is UTC and 1899 <= at.year <= 2200)


def test_a_closing_day_is_the_day_that_is_written():
    assert written_day("2026-03-05T00:00:00+01:00") == date(2026, 3, 5)


@pytest.mark.parametrize("value", [None, "1", True, float("nan"), float("inf"), 10**400, -(10**18)])
def test_milliseconds_that_are_no_time(value):
    assert from_milliseconds(value) is None


def test_milliseconds():
    assert from_milliseconds(AT.timestamp() * 1000) == AT
