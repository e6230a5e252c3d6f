"""Special editions beside the schedule: neither disturbs the other."""

from datetime import UTC, datetime, timedelta

import pytest

from emag.desk import approve, edit
from emag.issues import store
from emag.issues.draft import draft_special
from emag.issues.issue import Status
from emag.schedule.tick import tick

DRAFT_AT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
SEND_AT = datetime(2026, 3, 6, 7, 30, tzinfo=UTC)


@pytest.fixture
def special(newsroom, clock):
    """Opens a special edition with a note, and approves it."""

    def special(title, *, send_at=None):
        database, settings = newsroom.database, newsroom.settings
        number = draft_special(database, settings, now=clock(), by="Ann", title=title).number
        edit.write(database, settings, number, now=clock(), by="Ann", note="Read this.")
        approve.approve(database, settings, number, now=clock(), by="Ann", send_at=send_at)
        return number

    return special


@pytest.fixture
def issues(newsroom):
    def issues():
        with newsroom.database.reading() as conn:
            return {i.number: i for i in store.listing(conn)}

    return issues


def test_a_special_with_a_time_leaves_then_and_the_weekly_issue_too(
    newsroom, clock, shelf, special, issues, mail
):
    shelf.put("Lanterns in the fog")
    tick(newsroom)
    special("Closed today", send_at=SEND_AT - timedelta(hours=1))
    clock.at = DRAFT_AT
    assert "Issue 2 was drafted and waits for approval" in tick(newsroom)
    approve.approve(newsroom.database, newsroom.settings, 2, now=clock(), by="Ann")
    for clock.at in (SEND_AT - timedelta(hours=1), SEND_AT):
        tick(newsroom)
    assert {n: (i.status, i.edition) for n, i in issues().items()} == {
        1: (Status.SENT, 1),
        2: (Status.SENT, 2),
    }
    assert issues()[2].since is None, "no weekly issue was before it"
    assert len(mail("reader")) == 6


def test_a_special_without_a_time_waits_for_a_person(newsroom, clock, special, issues):
    special("By hand")
    for _ in range(3):
        tick(newsroom)
        clock.forward(days=7)
    assert issues()[1].status is Status.APPROVED


def test_a_special_does_not_hide_that_no_weekly_issue_was_sent(newsroom, clock, shelf, special):
    tick(newsroom)
    shelf.put("One")
    clock.at = SEND_AT - timedelta(hours=2)
    special("On the same day")
    clock.at = SEND_AT + timedelta(days=2)
    assert "Nothing was sent on 2026-03-06: there was no issue" in tick(newsroom)
