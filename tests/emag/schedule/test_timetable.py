"""The timetable: due once a local date, caught up in time, right across both clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from emag.dates.calendar import Rhythm
from emag.dates.calendar import dates as calendar_dates
from emag.schedule.timetable import (
    LOOK_AHEAD,
    LOOK_BACK,
    draft_key,
    drafts_due,
    drafts_without_a_send,
    late,
    sends_due,
    skips_due,
)
from emag.settings.times import read

LONDON = ZoneInfo("Europe/London")
DRAFT, SEND = [read("thu 16:00")], [read("fri 07:30")]
RHYTHM = Rhythm(tuple(SEND), tuple(DRAFT), LONDON)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def near(now: datetime, rhythm: Rhythm = RHYTHM):
    """The calendar's dates around a moment."""
    return calendar_dates(rhythm, (), after=now - LOOK_BACK, until=now + LOOK_AHEAD)


def dates(now: str, *, ran=(), hours=0) -> list[str]:
    runs = drafts_due(near(at(now)), now=at(now), ran=ran, grace=timedelta(hours=hours))
    return [run.local_date for run in runs]


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-05T15:59", []),
        ("2026-03-05T16:00", ["2026-03-05"]),
        ("2026-03-06T07:29", ["2026-03-05"]),  # missed, and its send is still to come
        ("2026-03-06T07:30", []),  # too late for it
        ("2026-04-02T14:59", []),  # summer time: 16:00 is 15:00 UTC
        ("2026-04-02T15:00", ["2026-04-02"]),
        ("2026-10-29T15:00", []),  # winter time again
        ("2026-10-29T16:00", ["2026-10-29"]),
    ],
)
def test_a_draft_is_due_from_its_time_until_its_send(now, due):
    assert dates(now) == due


def test_a_draft_that_nobody_must_approve_is_of_use_a_little_longer():
    assert dates("2026-03-06T08:30", hours=2) == ["2026-03-05"]
    assert dates("2026-03-06T09:30", hours=2) == []


def test_a_run_is_done_once_a_date():
    assert dates("2026-03-05T17:00", ran={("draft thu 16:00", "2026-03-05")}) == []
    assert dates("2026-03-05T17:00", ran={("draft thu 16:00", "2026-02-26")}) == ["2026-03-05"]


def test_without_a_scheduled_send_only_the_newest_draft_is_caught_up():
    slots = [read("mon 09:00"), read("thu 16:00")]

    def due(ran=()):
        runs = drafts_without_a_send(slots, LONDON, now=at("2026-03-06T10:00"), ran=ran)
        return [run.local_date for run in runs]

    assert due() == ["2026-03-05"]
    assert due({("draft thu 16:00", "2026-03-05")}) == []


def test_a_draft_belongs_to_the_next_send():
    entries = near(at("2026-03-26T18:00"))
    [run] = drafts_due(entries, now=at("2026-03-26T18:00"), ran=())
    assert run.send_at == at("2026-03-27T07:30")
    assert draft_key(run.on) == run.key


def test_a_skipped_date_is_reported_once_from_the_time_of_its_draft():
    skipped = Rhythm(tuple(SEND), tuple(DRAFT), LONDON, skipped=frozenset({date(2026, 3, 6)}))

    def due(now, ran=()):
        return [run.key for run in skips_due(near(at(now), skipped), now=at(now), ran=ran)]

    key = ("skip", "2026-03-06")
    assert due("2026-03-05T15:59") == []
    assert due("2026-03-05T16:00") == [key]
    assert due("2026-03-05T17:00", ran={key}) == []
    assert due("2026-03-06T07:30") == []
    entries = near(at("2026-03-05T16:00"), skipped)
    assert drafts_due(entries, now=at("2026-03-05T16:00"), ran=()) == []
    assert "2026-03-06" not in [
        run.local_date
        for run in sends_due(entries, now=at("2026-03-07T09:00"), ran=(), begun=at("2026-01-01"))
    ]


def test_every_week_of_the_year_has_one_draft_and_one_send():
    """Hour by hour through 2026, as a clock that never stops would ask."""
    ran: set[tuple[str, str]] = set()
    begun = now = at("2026-01-01T00:00")
    drafts, sends = [], []
    while now < at("2027-01-01T00:00"):
        entries = near(now)
        for run in drafts_due(entries, now=now, ran=ran):
            drafts.append(run)
            ran.add(run.key)
        for run in sends_due(entries, now=now, ran=ran, begun=begun):
            sends.append(run)
            ran.add(run.key)
        now += timedelta(hours=1)
    assert len(drafts) == 53
    assert len(sends) == 52
    assert {run.at.astimezone(LONDON).strftime("%a %H:%M") for run in drafts} == {"Thu 16:00"}
    assert {run.at.astimezone(LONDON).strftime("%a %H:%M") for run in sends} == {"Fri 07:30"}
    # 1 January 2026 is a Thursday: its draft works for the send of the day after.
    assert [run.send_at for run in drafts[:-1]] == [run.at for run in sends]


def test_sends_before_the_timetable_was_kept_were_not_missed():
    now = at("2026-03-07T09:00")
    assert sends_due(near(now), now=now, ran=(), begun=at("2026-03-06T08:00")) == []
    runs = sends_due(near(now), now=now, ran=(), begun=at("2026-03-06T07:00"))
    assert [run.local_date for run in runs] == ["2026-03-06"]


def test_after_a_long_silence_the_last_four_weeks_count():
    now = at("2026-12-01T09:00")
    runs = sends_due(near(now), now=now, ran=(), begun=at("2026-01-01T09:00"))
    assert [run.local_date for run in runs] == [
        "2026-11-06",
        "2026-11-13",
        "2026-11-20",
        "2026-11-27",
    ]


def test_lateness_begins_after_the_time_allowed():
    due, most = at("2026-03-06T07:30"), timedelta(hours=2)
    assert not late(due, at("2026-03-06T09:30"), most)
    assert late(due, at("2026-03-06T09:31"), most)
