"""The dates of issues: rhythm, holidays, and what editors change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.dates.calendar import (
    DateChange,
    DateStatus,
    Rhythm,
    dates,
    upcoming,
    working_day,
)
from emag.settings.times import read

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = {
    date(2026, 4, 3): "Good Friday",
    date(2026, 4, 6): "Easter Monday",
    date(2026, 12, 25): "Christmas Day",
    date(2026, 12, 28): "Boxing Day (in lieu)",
    date(2027, 1, 1): "New Year's Day",
}


def rhythm(send="fri 07:30", draft="thu 16:00", **more):
    slots = [send] if isinstance(send, str) else send
    drafts = [draft] if draft else []
    more.setdefault("holiday", lambda day: HOLIDAYS.get(day, ""))
    return Rhythm(
        tuple(read(slot) for slot in slots), tuple(read(slot) for slot in drafts), LONDON, **more
    )


def listing(plan, changes=(), start=date(2026, 3, 20), weeks=4):
    after = datetime.combine(start, datetime.min.time(), tzinfo=LONDON)
    until = after + timedelta(weeks=weeks)
    return dates(plan, changes, after=after.astimezone(UTC), until=until.astimezone(UTC))


def local(moment):
    return f"{moment.astimezone(LONDON):%a %d %b %H:%M}"


def summary(entries):
    return [(local(entry.send), str(entry.status)) for entry in entries]


def test_a_week_is_like_another_and_the_clocks_change_nothing():
    entries = listing(rhythm(holiday=lambda _: ""), weeks=2)
    assert summary(entries) == [("Fri 20 Mar 07:30", "planned"), ("Fri 27 Mar 07:30", "planned")]
    assert [local(entry.draft) for entry in entries] == ["Thu 19 Mar 16:00", "Thu 26 Mar 16:00"]
    after_the_change = listing(rhythm(holiday=lambda _: ""), start=date(2026, 4, 1), weeks=1)
    assert summary(after_the_change) == [("Fri 03 Apr 07:30", "planned")]


@pytest.mark.parametrize(
    ("rule", "send", "draft", "status"),
    [
        ("before", "Thu 02 Apr 07:30", "Wed 01 Apr 16:00", "holiday"),
        ("after", "Tue 07 Apr 07:30", "Mon 06 Apr 16:00", "holiday"),
        ("skip", "Fri 03 Apr 07:30", "Thu 02 Apr 16:00", "skipped"),
        ("send", "Fri 03 Apr 07:30", "Thu 02 Apr 16:00", "planned"),
    ],
)
def test_a_holiday_moves_send_and_draft_by_the_same_distance(rule, send, draft, status):
    [entry] = [e for e in listing(rhythm(on_holiday=rule)) if e.usual == date(2026, 4, 3)]
    assert (local(entry.send), local(entry.draft), str(entry.status)) == (send, draft, status)
    assert "Good Friday" in entry.reason


def test_a_draft_is_never_moved_before_the_previous_send():
    """Christmas Day goes to Thursday, where the issue of Thursday morning has just left."""
    plan = rhythm(send=["wed 17:00", "fri 07:30"], draft="thu 09:00")
    entries = listing(plan, start=date(2026, 12, 21), weeks=1)
    assert summary(entries) == [("Wed 23 Dec 17:00", "planned"), ("Thu 24 Dec 07:30", "holiday")]
    assert local(entries[1].draft) == "Wed 23 Dec 17:00"


def test_a_holiday_s_issue_gives_way_to_a_day_s_own_issue():
    entries = listing(rhythm(send=["thu 07:30", "fri 07:30"]), start=date(2026, 3, 30), weeks=1)
    assert summary(entries) == [("Thu 02 Apr 07:30", "planned"), ("Fri 03 Apr 07:30", "skipped")]
    assert "Good Friday" in entries[1].reason
    assert "Thursday 2 April" in entries[1].reason


def test_every_other_week_counts_from_a_date():
    plan = rhythm(every=2, start=date(2026, 12, 4), holiday=lambda _: "")
    entries = listing(plan, start=date(2026, 11, 20), weeks=8)
    assert [local(e.send)[:10] for e in entries] == ["Fri 04 Dec", "Fri 18 Dec", "Fri 01 Jan"]


@pytest.mark.parametrize(
    ("slot", "days"),
    [
        ("first fri 07:30", ["Fri 01 May", "Fri 05 Jun", "Fri 03 Jul"]),
        ("last fri 07:30", ["Fri 24 Apr", "Fri 29 May", "Fri 26 Jun"]),
    ],
)
def test_a_month_s_first_and_last(slot, days):
    entries = listing(rhythm(send=slot, holiday=lambda _: ""), start=date(2026, 4, 20), weeks=12)
    assert [local(e.send)[:10] for e in entries] == days
    assert all(e.send - e.draft == timedelta(hours=15.5) for e in entries)


def test_what_editors_skip_and_move():
    changes = [
        DateChange(date(2026, 3, 20), "skip", "Ann"),
        DateChange(date(2026, 3, 27), "move", "Ben", datetime(2026, 3, 26, 9, tzinfo=UTC)),
        DateChange(date(2026, 4, 3), "keep", "Ann"),
    ]
    plan = rhythm(skipped=frozenset({date(2026, 4, 3), date(2026, 4, 10)}), on_holiday="send")
    entries = listing(plan, changes)
    assert summary(entries) == [
        ("Fri 20 Mar 07:30", "skipped"),
        ("Thu 26 Mar 09:00", "moved"),
        ("Fri 03 Apr 07:30", "planned"),
        ("Fri 10 Apr 07:30", "skipped"),
    ]
    assert entries[0].reason == "skipped by Ann"
    assert entries[1].reason == "moved from Friday 27 March, 07:30, by Ben"
    assert local(entries[1].draft) == "Wed 25 Mar 17:30"
    assert entries[3].reason == "skipped in emag.toml"


def test_a_date_moved_far_away_is_found_where_it_leaves():
    far = datetime(2026, 6, 1, 9, tzinfo=UTC)
    changes = [DateChange(date(2026, 3, 27), "move", "Ben", far)]
    entries = listing(rhythm(), changes, start=date(2026, 5, 31), weeks=1)
    assert [(e.usual, e.send) for e in entries if e.status is DateStatus.MOVED] == [
        (date(2026, 3, 27), far)
    ]


def test_the_next_date_is_one_on_which_an_issue_leaves():
    changes = [DateChange(date(2026, 3, 20), "skip", "Ann")]
    moment = datetime(2026, 3, 19, tzinfo=UTC)
    entry = upcoming(rhythm(), changes, moment, within=timedelta(days=30))
    assert entry
    assert entry.usual == date(2026, 3, 27)
    assert upcoming(rhythm(send=[]), [], moment, within=timedelta(days=30)) is None


SLOTS = st.lists(
    st.sampled_from(["mon 09:00", "wed 16:30", "fri 07:30", "first fri 07:30", "last tue 12:00"]),
    min_size=1,
    max_size=3,
    unique=True,
)


@given(
    send=SLOTS,
    rule=st.sampled_from(["before", "after", "skip", "send"]),
    closed=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40),
    window=st.tuples(st.dates(date(2026, 2, 1), date(2026, 10, 1)), st.integers(1, 12)),
)
def test_dates_are_sound_whatever_the_rhythm_and_the_holidays(send, rule, closed, window):
    plan = rhythm(send=send, on_holiday=rule, holiday=lambda d: "Holiday" if d in closed else "")
    entries = listing(plan, start=window[0], weeks=window[1])
    leaving = [entry for entry in entries if entry.leaves]
    assert len({entry.send for entry in leaving}) == len(leaving)
    assert all(entry.draft is None or entry.draft <= entry.send for entry in leaving)
    if rule in {"before", "after"}:
        assert all(e.send.astimezone(LONDON).date() not in closed for e in leaving)
    whole = listing(plan, start=window[0] - timedelta(weeks=3), weeks=window[1] + 6)
    assert [e for e in whole if e in entries] == entries  # a date is the same in every window


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from([-1, 1]))
def test_a_working_day_is_the_nearest(day, step):
    nearest = working_day(day, timedelta(days=step), lambda d: HOLIDAYS.get(d, ""))
    between = [day + timedelta(days=step * n) for n in range(1, abs((nearest - day).days))]
    assert all(d.weekday() > 4 or d in HOLIDAYS for d in between)
    assert nearest.weekday() < 5
    assert nearest not in HOLIDAYS
