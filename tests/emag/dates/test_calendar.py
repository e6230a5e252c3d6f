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
    moments,
    spoken_rhythm,
    upcoming,
    working_day,
)
from emag.settings.times import WEEKDAYS, read

LONDON = ZoneInfo("Europe/London")
BERLIN = ZoneInfo("Europe/Berlin")
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


def at_utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


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


def test_a_kept_date_leaves_although_the_settings_would_skip_it():
    good_friday = date(2026, 4, 3)
    keep = [DateChange(good_friday, "keep", "Ann")]

    def dates_kept(plan):
        [entry] = [e for e in listing(plan, keep) if e.usual == good_friday]
        return local(entry.send), str(entry.status), entry.reason

    all_the_same = "Good Friday; the issue leaves all the same: kept by Ann"
    assert dates_kept(rhythm(on_holiday="skip")) == ("Fri 03 Apr 07:30", "planned", all_the_same)
    both = dates_kept(rhythm(send=["thu 07:30", "fri 07:30"]))
    assert both[:2] == ("Fri 03 Apr 07:30", "planned")
    assert "has its own issue; the issue leaves all the same: kept by Ann" in both[2]
    in_settings = rhythm(skipped=frozenset({good_friday}), on_holiday="before")
    assert dates_kept(in_settings)[:2] == ("Thu 02 Apr 07:30", "holiday")


def test_a_date_moved_to_its_usual_time_is_planned():
    usual = datetime(2026, 3, 27, 7, 30, tzinfo=UTC)
    entries = listing(rhythm(), [DateChange(usual.date(), "move", "Ann", usual)])
    [entry] = [entry for entry in entries if entry.usual == usual.date()]
    assert (entry.status, entry.reason) == (
        DateStatus.PLANNED,
        "set to its usual time by Ann",
    )


@pytest.mark.parametrize(
    ("slot", "every", "words"),
    [
        ("fri 07:30", 1, "every Friday"),
        ("fri 07:30", 2, "every 2 weeks, on Friday"),
        ("last tue 12:00", 1, "the last Tuesday of the month"),
    ],
)
def test_the_reason_of_a_planned_date_is_its_rhythm(slot, every, words):
    assert spoken_rhythm(read(slot), every) == words


def test_several_slots_come_in_the_order_of_time():
    slots = [read(text) for text in ("fri 07:30", "mon 18:00", "fri 06:00")]
    week = moments(
        slots, LONDON, after=at_utc("2026-03-02T00:00"), until=at_utc("2026-03-08T00:00")
    )
    assert [str(slot) for _, slot, _ in week] == ["mon 18:00", "fri 06:00", "fri 07:30"]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-28T12:00", "2026-03-29T01:30"),  # Berlin has no 02:30 that night: 03:30 counts
        ("2026-10-24T12:00", "2026-10-25T00:30"),  # 02:30 comes twice: the first counts
    ],
)
def test_a_night_when_the_clocks_change_has_one_moment(after, expected):
    start = at_utc(after)
    night = moments([read("sun 02:30")], BERLIN, after=start, until=start + timedelta(days=2))
    assert [moment for moment, _, _ in night] == [at_utc(expected)]


@given(
    slot=st.builds(
        "{} {:02}:{:02}".format,
        st.sampled_from(WEEKDAYS),
        st.sampled_from([0, *range(2, 24)]),
        st.integers(0, 59),
    ),
    now=st.integers(0, 5 * 365 * 24 * 60).map(
        lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    zone=st.sampled_from([LONDON, BERLIN, ZoneInfo("Pacific/Auckland"), ZoneInfo("UTC")]),
)
def test_the_next_date_is_ahead_and_within_a_week_and_an_hour(slot, now, zone):
    plan = Rhythm((read(slot),), (), zone)
    entry = upcoming(plan, [], now, within=timedelta(days=30))
    assert entry
    assert now < entry.send <= now + timedelta(days=7, hours=1)
    following = upcoming(plan, [], entry.send, within=timedelta(days=30))
    assert following.usual > entry.usual


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


FRIDAYS = [date(2026, 3, 6) + timedelta(weeks=week) for week in range(20)]
CHANGES = st.dictionaries(
    st.sampled_from(FRIDAYS),
    st.tuples(st.sampled_from(["skip", "move", "keep"]), st.integers(-60 * 24, 60 * 24)),
)


@given(changes=CHANGES, rule=st.sampled_from(["before", "after", "skip", "send"]))
def test_whatever_editors_do_each_date_is_there_once_and_drafted_after_the_last_send(changes, rule):
    rows = [
        DateChange(
            day,
            kind,
            "Ann",
            datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)
            if kind == "move"
            else None,
        )
        for day, (kind, hours) in changes.items()
    ]
    entries = listing(rhythm(on_holiday=rule), rows, start=date(2025, 12, 1), weeks=52)
    usual = [entry.usual for entry in entries]
    assert len(usual) == len(set(usual))
    assert set(FRIDAYS) <= set(usual)
    sends = [entry.send for entry in entries if entry.leaves]
    for entry in entries:
        if entry.leaves and entry.draft:
            earlier = [send for send in sends if send < entry.send]
            assert max(earlier, default=entry.draft) <= entry.draft <= entry.send
    part = listing(rhythm(on_holiday=rule), rows, start=date(2026, 4, 1), weeks=8)
    assert part == [entry for entry in entries if entry in part]
    skipped = {day for day, (kind, _) in changes.items() if kind == "skip"}
    assert skipped == {e.usual for e in entries if e.reason == "skipped by Ann"}


@given(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.sampled_from([-1, 1]))
def test_a_working_day_is_the_nearest(day, step):
    nearest = working_day(day, timedelta(days=step), lambda d: HOLIDAYS.get(d, ""))
    between = [day + timedelta(days=step * n) for n in range(1, abs((nearest - day).days))]
    assert all(d.weekday() > 4 or d in HOLIDAYS for d in between)
    assert nearest.weekday() < 5
    assert nearest not in HOLIDAYS
