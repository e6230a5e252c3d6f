"""When an event is over, and why it is not printed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from emag.content.closing import WITHDRAWN, reason
from emag.content.events.event import is_over
from emag.content.story import Kind, Story
from emag.desk.closures import Outdated, outdated
from emag.issues.approved import GivenApproval
from emag.issues.issue import Issue, Pick, Section, Status

LONDON = ZoneInfo("Europe/London")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("starts", "ends", "moment", "expected"),
    [
        ("2026-12-03T10:00", None, "2026-12-03T09:59", False),
        ("2026-12-03T10:00", None, "2026-12-03T10:00", True),
        ("2026-12-03T10:00", "2026-12-03T12:00", "2026-12-03T11:59", False),
        ("2026-12-03T10:00", "2026-12-03T12:00", "2026-12-03T12:00", True),
        ("2026-12-03T00:00", None, "2026-12-03T23:59", False),
        ("2026-12-03T00:00", None, "2026-12-04T00:00", True),
        ("2026-12-03T00:00", "2026-12-05T00:00", "2026-12-05T23:59", False),
        ("2026-12-03T00:00", "2026-12-05T00:00", "2026-12-06T00:00", True),
        ("2026-06-03T00:00", None, "2026-06-03T23:59", False),  # in summer, too
        ("2026-12-03T19:00", "2026-12-04T00:00", "2026-12-04T00:01", True),
    ],
)
def test_when_an_event_is_over(starts, ends, moment, expected):
    times = at(starts).astimezone(UTC), ends and at(ends).astimezone(UTC)
    assert is_over(*times, at=at(moment), zone=LONDON) is expected


def test_an_event_is_not_over_on_its_day():
    assert not is_over(at("2026-12-03T10:00"), None, at=date(2026, 12, 3), zone=LONDON)
    assert is_over(at("2026-12-03T10:00"), None, at=date(2026, 12, 4), zone=LONDON)


WALK = Story(
    "c",
    Kind.EVENT,
    "https://club.example/w",
    "A walk",
    starts=at("2026-12-03T10:00").astimezone(UTC),
)


def test_why_an_event_is_not_printed():
    before, after = at("2026-12-03T09:00"), at("2026-12-03T16:00")
    assert reason(WALK, "", before) == ""
    assert reason(WALK, "", after) == "over: it took place on 3 December"
    assert reason(WALK, WITHDRAWN, before) == WITHDRAWN
    assert reason(replace(WALK, cancelled=True), "", before) == "cancelled"


def test_the_date_that_was_printed_counts_for_an_event_that_recurs():
    """The pool has the next date already; the frozen document still has the one before."""
    later = replace(WALK, starts=at("2026-12-10T10:00"))
    issue = Issue(
        number=1,
        status=Status.APPROVED,
        subject="A walk",
        since=None,
        until=at("2026-12-01T09:00"),
        send_at=at("2026-12-03T16:00"),
        local_date="2026-12-03",
        sections=(Section("events", "Events", (Pick(7, later),)),),
    )
    approval = GivenApproval(at("2026-12-01T10:00"), "ada", 1, "", stories={7: WALK})
    late = at("2026-12-03T16:00")
    [moved] = outdated(issue, approval, late).moved
    assert (moved.printed.story, moved.starts) == (7, later.starts)
    assert outdated(issue, approval, at("2026-12-03T09:00")) == Outdated()
    passed = replace(approval, passed=frozenset({("closed-job", "A walk")}))
    assert outdated(issue, passed, late) == Outdated()
    dated = replace(approval, stories={7: replace(WALK, summary="Come on Thursday 3 December.")})
    [closure] = outdated(issue, dated, late).over
    assert (closure.story, closure.reason) == (7, "over: it took place on 3 December")
