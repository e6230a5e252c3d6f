"""An approved issue is sent at once: its time is another one, and its approval stands."""

from datetime import timedelta

import pytest

from emag.desk import approve, dispatch, history
from emag.errors import DocumentChanged, WrongMove
from emag.issues.issue import Status
from emag.schedule import runs
from emag.schedule.pulse import pulse


def test_an_approved_issue_gets_the_time_of_now(database, settings, issue, clock):
    approved = approve.approve(database, settings, issue.number, now=clock(), by="Ann").issue
    now = clock.forward(minutes=5)
    after = dispatch.send_now(
        database, issue.number, expected=approved.document_hash, now=now, by="Ann"
    )
    assert (after.status, after.send_at) == (Status.APPROVED, now)
    assert after.document_hash == approved.document_hash
    _, entries = history.listing(database, settings, issue.number)
    assert entries[-1].sentence == "Ann had the issue sent at once"


def test_another_document_than_the_one_looked_at_is_not_sent(database, settings, issue, clock):
    approve.approve(database, settings, issue.number, now=clock(), by="Ann")
    with pytest.raises(DocumentChanged):
        dispatch.send_now(database, issue.number, expected="0" * 64, now=clock(), by="Ann")


def test_an_issue_that_nobody_approved_is_not_sent(database, issue, clock):
    with pytest.raises(WrongMove, match="not approved"):
        dispatch.send_now(database, issue.number, expected="", now=clock(), by="Ann")


def test_a_sign_of_life_says_that_an_engine_runs(database, clock):
    assert not pulse(database, now=clock()).is_running
    runs.claim_every(database, runs.BEAT, timedelta(minutes=1), now=clock())
    assert pulse(database, now=clock()).is_running
    assert not pulse(database, now=clock.forward(minutes=4)).is_running
