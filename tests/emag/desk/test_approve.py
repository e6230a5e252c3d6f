"""An approval freezes the document that was checked, and that document leaves."""

from datetime import date, timedelta

import pytest

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import approve
from emag.desk.look import look
from emag.errors import EmagError, NotFound, PreflightFailed, WrongMove
from emag.issues import approval, life, store
from emag.issues.draft import draft
from emag.issues.issue import Move, Status


def test_a_clean_issue_is_frozen(database, settings, clock, issue):
    view = look(database, settings, 1, now=clock())
    assert view.blocking == ()
    approved = approve.approve(database, settings, "next", now=clock(), by="Ann").issue
    assert (approved.status, approved.approved_by) == (Status.APPROVED, "Ann")
    assert approved.document_hash == view.hash
    assert approved.send_at == issue.send_at
    with database.reading() as conn:
        frozen = approval.frozen(conn, 1)
    assert (frozen.subject, frozen.html, frozen.text, frozen.hash) == (
        view.document.subject,
        view.document.html,
        view.document.text,
        view.hash,
    )
    assert "Lanterns in the fog" in frozen.html
    assert "[[unsubscribe_url]]" in frozen.html


def test_the_frozen_document_is_kept_when_a_source_edits_its_story(
    database, settings, clock, issue, ids
):
    approved = approve.approve(database, settings, 1, now=clock(), by="Ann").issue
    edited = Story("posts", Kind.POST, "https://crier.example.org/lanterns", "Edited later")
    with database.transaction() as conn:
        pool.refresh(conn, edited, id=ids[0], section="posts", now=clock())
    view = look(database, settings, 1, now=clock())
    assert (view.is_frozen, view.hash) == (True, approved.document_hash)
    assert "Edited later" not in view.document.html


def test_a_blocking_fault_stops_the_approval(database, settings, clock, admit):
    closed = Vacancy("Clerk", closes=date(2026, 3, 5))
    admit("posts", "Lanterns in the fog")
    job = admit("jobs", "Clerk", vacancy=Vacancy("Clerk", closes=date(2026, 3, 20)))
    draft(database, settings, now=clock(), by="ann")
    with database.transaction() as conn:  # the board corrects its closing date afterwards
        link = "https://crier.example.org/clerk"
        corrected = Story("jobs", Kind.JOB, link, "Clerk", vacancy=closed)
        pool.refresh(conn, corrected, id=job, section="jobs", now=clock())
    with pytest.raises(PreflightFailed, match=r"closes on 5 March.*closed-job: Clerk"):
        approve.approve(database, settings, 1, now=clock(), by="Ann")
    with database.reading() as conn:
        assert store.get(conn, 1).status is Status.DRAFT
        assert approval.frozen(conn, 1) is None
        assert approval.used(conn) == {}
    approved = approve.approve(
        database, settings, 1, now=clock(), by="Ann", overrides={"closed-job": "extended by phone"}
    ).issue
    assert approved.status is Status.APPROVED
    with database.reading() as conn:
        overrides = approval.overrides(conn, 1)
    assert overrides == [("closed-job", "extended by phone", "Ann", clock())]


def test_an_override_of_a_rule_that_does_not_block_is_not_recorded(
    database, settings, clock, issue
):
    approve.approve(database, settings, 1, now=clock(), by="Ann", overrides={"size": "why not"})
    with database.reading() as conn:
        assert approval.overrides(conn, 1) == []


@pytest.mark.parametrize(
    ("overrides", "error", "sentence"),
    [
        ({"size": " "}, PreflightFailed, "needs a reason"),
        ({"unsubscribe": "no need"}, PreflightFailed, "cannot be overridden"),
        ({"story-twice": "so good"}, PreflightFailed, "cannot be overridden"),
        ({"sise": "special"}, NotFound, "There is no rule “sise”; there are unsubscribe, "),
    ],
)
def test_overrides_that_are_refused(database, settings, clock, issue, overrides, error, sentence):
    with pytest.raises(error, match=sentence):
        approve.approve(database, settings, 1, now=clock(), by="Ann", overrides=overrides)


def test_a_story_in_two_drafts_is_approved_in_one_only(database, settings, clock, issue, ids):
    draft(database, settings, now=clock.forward(days=7), by="ann")
    approve.approve(database, settings, 2, now=clock(), by="Ann")
    faults = look(database, settings, 1, now=clock()).faults
    twice = [fault for fault in faults if fault.rule == "story-twice"]
    assert len(twice) == len(ids)
    assert twice[0].message.startswith("The story is in issue 2 already")
    with pytest.raises(PreflightFailed, match="story-twice"):
        approve.approve(database, settings, 1, now=clock(), by="Ann")


def test_a_second_approval_freezes_the_document_again(database, settings, clock, issue):
    first = approve.approve(database, settings, 1, now=clock(), by="Ann").issue
    later = issue.send_at + timedelta(hours=3)
    second = approve.approve(database, settings, 1, now=clock(), by="Bob", send_at=later).issue
    assert (second.approved_by, second.send_at) == ("Bob", later)
    assert second.document_hash
    assert first.send_at != second.send_at


def test_a_closing_date_is_checked_for_the_day_of_sending(database, settings, clock, admit):
    admit("jobs", "Clerk", vacancy=Vacancy("Clerk", closes=date(2026, 3, 7)))
    issue = draft(database, settings, now=clock(), by="ann")
    later = issue.send_at + timedelta(days=3)
    with pytest.raises(PreflightFailed, match="closes on 7 March"):
        approve.approve(database, settings, 1, now=clock(), by="Ann", send_at=later)


def test_a_time_in_the_past_is_refused(database, settings, clock, issue):
    past = clock() - timedelta(hours=3)
    with pytest.raises(WrongMove, match="Thursday 5 March at 06:00 has passed"):
        approve.approve(database, settings, 1, now=clock(), by="Ann", send_at=past)


def test_an_issue_approved_too_late_loses_its_time(database, settings, clock, issue):
    clock.at = issue.send_at + timedelta(hours=1)
    assert (
        approve.approve(database, settings, 1, now=clock(), by="Ann").issue.send_at == issue.send_at
    )
    clock.forward(days=1)
    assert approve.approve(database, settings, 1, now=clock(), by="Ann").issue.send_at is None


def test_a_sent_issue_cannot_be_approved(database, settings, clock, issue):
    approve.approve(database, settings, 1, now=clock(), by="Ann")
    with database.transaction() as conn:
        life.move(conn, 1, Move.SEND, now=clock(), by="ann")
    with pytest.raises(WrongMove, match="Issue 1 is sending: “approve” is not possible"):
        approve.approve(database, settings, 1, now=clock(), by="Ann")


def test_submit_asks_for_an_approval(database, settings, clock, issue):
    assert approve.submit(database, 1, now=clock(), by="").status is Status.IN_REVIEW
    assert (
        approve.approve(database, settings, 1, now=clock(), by="Ann").issue.status
        is Status.APPROVED
    )
    with pytest.raises(EmagError):
        approve.submit(database, 1, now=clock(), by="Ann")
