"""Weekly moments stay on their local hour across both clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.issues.period import WEEKDAYS, between, following, in_words

LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2025, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due", "local_date"),
    [
        ("2026-03-05T09:00", "2026-03-06T07:30", "2026-03-06"),
        ("2026-03-06T07:29", "2026-03-06T07:30", "2026-03-06"),
        ("2026-03-06T07:30", "2026-03-13T07:30", "2026-03-13"),  # now itself is not to come
        ("2026-03-28T00:00", "2026-04-03T06:30", "2026-04-03"),  # clocks went forward on 29 March
        ("2026-10-24T00:00", "2026-10-30T07:30", "2026-10-30"),  # and back on 25 October
    ],
)
def test_the_next_friday_half_past_seven(now, due, local_date):
    moment = following(["fri 07:30"], LONDON, at(now))
    assert (moment.at, moment.local_date) == (at(due), local_date)


def test_nothing_scheduled_is_no_moment():
    assert following([], LONDON, at("2026-03-05T09:00")) is None


def test_several_slots_come_in_the_order_of_time():
    slots = ["fri 07:30", "mon 18:00", "fri 06:00"]
    found = between(slots, LONDON, at("2026-03-02T00:00"), at("2026-03-08T00:00"))
    assert [moment.slot for moment in found] == ["mon 18:00", "fri 06:00", "fri 07:30"]


def test_a_time_that_the_clocks_skip_comes_once_after_the_gap():
    """Berlin has no 02:30 on 29 March 2026; the clock shows 03:30 then."""
    found = list(between(["sun 02:30"], BERLIN, at("2026-03-28T12:00"), at("2026-03-30T12:00")))
    assert [moment.at for moment in found] == [at("2026-03-29T01:30")]


def test_a_time_that_comes_twice_is_the_first_of_both():
    found = list(between(["sun 02:30"], BERLIN, at("2026-10-24T12:00"), at("2026-10-26T12:00")))
    assert [moment.at for moment in found] == [at("2026-10-25T00:30")]


def test_a_year_has_one_moment_a_week_at_the_same_local_time():
    year = list(between(["thu 16:00"], LONDON, at("2026-01-01T00:00"), at("2026-12-31T23:00")))
    assert len(year) == 53
    assert {moment.at.astimezone(LONDON).strftime("%a %H:%M") for moment in year} == {"Thu 16:00"}
    assert {moment.at.hour for moment in year} == {15, 16}


@given(
    slot=st.builds(
        "{} {:02}:{:02}".format,
        st.sampled_from(WEEKDAYS),
        st.integers(0, 23),
        st.integers(0, 59),
    ),
    now=st.integers(0, 5 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    zone=st.sampled_from([LONDON, BERLIN, ZoneInfo("Pacific/Auckland"), ZoneInfo("UTC")]),
)
def test_the_next_moment_is_ahead_and_within_a_week_and_an_hour(slot, now, zone):
    moment = following([slot], zone, now)
    assert now < moment.at <= now + timedelta(days=7, hours=1)
    assert following([slot], zone, moment.at).local_date != moment.local_date


def test_an_editor_reads_local_time():
    assert in_words(at("2026-07-03T06:30"), LONDON) == "Friday 3 July at 07:30"
