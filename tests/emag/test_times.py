"""Times that repeat, as editors write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.settings import times

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("thu 16:00", "thu 16:00"),
        ("thursday 4pm", "thu 16:00"),
        ("Fri 9am", "fri 09:00"),
        ("fri 9 a.m.", "fri 09:00"),
        ("Friday at 7.30", "fri 07:30"),
        ("every tues at 12pm", "tue 12:00"),
        ("weds noon", "wed 12:00"),
        ("mon 12am", "mon 00:00"),
        ("sunday midnight", "sun 00:00"),
        ("first fri 07:30", "first fri 07:30"),
        ("the 1st friday at 7:30am", "first fri 07:30"),
        ("last thu 16:00", "last thu 16:00"),
        ("  SAT   09:05 ", "sat 09:05"),
    ],
)
def test_what_an_editor_writes_is_read_and_written_one_way(text, spelling):
    slot = times.read(text)
    assert str(slot) == spelling
    assert times.read(spelling) == slot


@pytest.mark.parametrize(
    "text",
    [
        "",
        "friday",
        "16:00",
        "fri 25:00",
        "fri 13pm",
        "fri 0am",
        "fri 7",
        "fri 07:60",
        "fryday 07:30",
        "fifth fri 07:30",
        "blue fri 07:30",
        "fri 07:30 x",
        "fri 01:30",
        "fri 1am",
    ],
)
def test_what_is_no_time_is_refused_with_a_sentence_that_quotes_it(text):
    with pytest.raises(ValueError, match="“") as refusal:
        times.read(text)
    assert text in str(refusal.value)


@given(DAYS)
def test_each_weekday_is_one_of_the_month_s_first_to_fifth(day):
    hits = [
        nth for nth in (1, 2, 3, 4) if times.Slot(day.weekday(), times.time(9), nth).falls_on(day)
    ]
    is_last = times.Slot(day.weekday(), times.time(9), -1).falls_on(day)
    assert is_last == ((day + timedelta(days=7)).month != day.month)
    assert hits == ([(day.day - 1) // 7 + 1] if day.day <= 28 else [])
    assert not times.Slot((day.weekday() + 1) % 7, times.time(9)).falls_on(day)
