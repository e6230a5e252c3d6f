"""The timetable: due once a local date, caught up in time, right across both clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from emag.schedule.timetable import drafts_due, drafts_for, late, sends_due

LONDON = ZoneInfo("Europe/London")
DRAFT, SEND = ["thu 16:00"], ["fri 07:30"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def dates(now: str, *, ran=(), draft=DRAFT, send=SEND, hours=0) -> list[str]:
    grace = timedelta(hours=hours)
    runs = drafts_due(draft, send, LONDON, now=at(now), ran=ran, grace=grace)
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


def test_without_a_weekly_send_the_last_draft_alone_is_caught_up():
    assert dates("2026-03-06T10:00", send=[], draft=["mon 09:00", "thu 16:00"]) == ["2026-03-05"]
    ran = {("draft thu 16:00", "2026-03-05")}
    assert dates("2026-03-06T10:00", send=[], draft=["mon 09:00", "thu 16:00"], ran=ran) == []


def test_a_draft_works_for_the_next_send():
    due = drafts_due(DRAFT, SEND, LONDON, now=at("2026-03-26T18:00"), ran=())
    assert due[0].send_at == at("2026-03-27T07:30")
    assert drafts_for(DRAFT, SEND, LONDON, send_at=at("2026-03-27T07:30")) == [due[0].key]


def test_every_week_of_the_year_has_one_draft_and_one_send():
    """Hour by hour through 2026, as a clock that never stops would ask."""
    ran: set[tuple[str, str]] = set()
    begun = now = at("2026-01-01T00:00")
    drafts, sends = [], []
    while now < at("2027-01-01T00:00"):
        for run in drafts_due(DRAFT, SEND, LONDON, now=now, ran=ran):
            drafts.append(run)
            ran.add(run.key)
        for run in sends_due(SEND, LONDON, now=now, ran=ran, begun=begun):
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
    asked = {"now": at("2026-03-07T09:00"), "ran": ()}
    assert sends_due(SEND, LONDON, begun=at("2026-03-06T08:00"), **asked) == []
    found = sends_due(SEND, LONDON, begun=at("2026-03-06T07:00"), **asked)
    assert [run.local_date for run in found] == ["2026-03-06"]


def test_after_a_long_silence_the_last_four_weeks_count():
    found = sends_due(
        SEND, LONDON, now=at("2026-12-01T09:00"), ran=(), begun=at("2026-01-01T09:00")
    )
    assert [run.local_date for run in found] == [
        "2026-11-06",
        "2026-11-13",
        "2026-11-20",
        "2026-11-27",
    ]


def test_lateness_begins_after_the_time_allowed():
    due, most = at("2026-03-06T07:30"), timedelta(hours=2)
    assert not late(due, at("2026-03-06T09:30"), most)
    assert late(due, at("2026-03-06T09:31"), most)
