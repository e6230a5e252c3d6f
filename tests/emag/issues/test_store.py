"""Rows of an issue: its moves, its claims, its frozen document."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from emag.errors import NotFound, WrongMove
from emag.issues import approval, life, store, verdicts
from emag.issues.draft import draft
from emag.issues.issue import Frozen, Move, Status
from emag.issues.recipe import Because, Verdict
from emag.settings import Schedule

FROZEN = Frozen("Subject", "Preheader", "<p>[[greeting]]</p>", "[[greeting]]", "ab" * 32)


@pytest.fixture
def issue(database, settings, clock, admit):
    admit("posts", "One")
    admit("posts", "Two")
    return draft(database, settings, now=clock(), by="ann")


@pytest.fixture
def move(database, clock):
    def _move(number, *steps, by="Ann"):
        with database.transaction() as conn:
            for step in steps:
                issue = life.move(conn, number, step, now=clock(), by=by)
        return issue

    return _move


def test_what_is_written_is_read(database, issue):
    with database.reading() as conn:
        assert store.get(conn, 1) == issue
        assert store.get(conn, "1") == issue
        assert store.get(conn, "next") == issue
        assert [i.number for i in store.listing(conn)] == [1]


@pytest.mark.parametrize("which", [99, "99", "next", "latest", "first", "-1", "²"])
def test_an_issue_that_is_not_there_is_a_sentence(database, which):
    with database.reading() as conn, pytest.raises(NotFound, match="emag issue"):
        store.get(conn, which)


def test_next_is_the_unsent_issue_that_leaves_first(database, settings, clock, issue, move):
    second = draft(database, settings, now=clock.forward(days=7), by="ann")
    with database.reading() as conn:
        assert store.get(conn, "next").number == 1
    move(1, Move.HOLD)
    with database.reading() as conn:
        assert store.get(conn, "next").number == second.number, "a held one leaves last"
    move(2, Move.CANCEL)
    with database.reading() as conn:
        assert store.get(conn, "next").number == 1


@pytest.mark.parametrize("steps", [(), (Move.PAUSE,), (Move.FINISH,), (Move.CANCEL,)])
def test_an_issue_that_has_begun_to_leave_is_latest_and_never_next(
    database, settings, clock, issue, move, steps
):
    with database.reading() as conn, pytest.raises(NotFound):
        store.get(conn, "latest")
    draft(database, settings, now=clock.forward(days=7), by="ann")
    move(1, Move.APPROVE, Move.SEND, *steps)
    with database.reading() as conn:
        assert store.get(conn, "latest").number == 1
        assert store.get(conn, "next").number == 2
    clock.forward(hours=1)
    move(2, Move.HOLD)
    with database.reading() as conn:
        assert store.get(conn, "next").number == 2
        assert store.get(conn, "latest").began_at == clock() - timedelta(hours=1)


def test_latest_is_the_issue_that_began_to_leave_last(database, settings, clock, issue, move):
    settings = settings.model_copy(update={"schedule": Schedule(minimum_stories=0)})
    move(1, Move.APPROVE)
    draft(database, settings, now=clock.forward(days=7), by="ann")
    move(2, Move.APPROVE, Move.SEND)
    clock.forward(hours=1)
    move(1, Move.SEND)
    with database.reading() as conn:
        assert store.get(conn, "latest").number == 1


def test_a_step_that_life_does_not_have_is_a_sentence_and_changes_nothing(database, issue, move):
    with pytest.raises(WrongMove, match="Issue 1 is draft: “send” is not possible"):
        move(1, Move.SEND)
    with database.reading() as conn:
        assert store.get(conn, 1).status is Status.DRAFT
        assert life.history(conn, 1) == []


def test_history_says_who_and_when(database, issue, move, clock):
    move(1, Move.SUBMIT, by="the timetable")
    clock.forward(hours=2)
    move(1, Move.APPROVE, by="Ann")
    with database.reading() as conn:
        steps = life.history(conn, 1)
    assert [(s.move, s.before, s.after, s.by) for s in steps] == [
        (Move.SUBMIT, Status.DRAFT, Status.IN_REVIEW, "the timetable"),
        (Move.APPROVE, Status.IN_REVIEW, Status.APPROVED, "Ann"),
    ]
    assert steps[1].at - steps[0].at == timedelta(hours=2)


def test_approval_claims_and_every_way_back_gives_back(database, issue, move):
    picks = [pick.candidate for pick in issue.picks]
    for way in (Move.REOPEN, Move.HOLD):
        assert move(1, Move.APPROVE).approved_by == "Ann"
        with database.transaction() as conn:
            approval.freeze(conn, 1, FROZEN, record="")
            store.edit(conn, 1, document_hash=FROZEN.hash)
            assert approval.used(conn) == dict.fromkeys(picks, 1)
            assert approval.frozen(conn, 1) == FROZEN
        after = move(1, way)
        assert (after.approved_by, after.document_hash) == ("", "")
        with database.reading() as conn:
            assert approval.used(conn) == {}
            assert approval.frozen(conn, 1) is None


def test_an_issue_cancelled_in_mid_send_keeps_its_stories(database, issue, move, clock):
    cancelled = move(1, Move.APPROVE, Move.SEND, Move.CANCEL)
    assert cancelled.closed_at == clock()
    with database.reading() as conn:
        assert set(approval.used(conn).values()) == {1}


def test_a_story_cannot_be_claimed_twice(database, settings, clock, issue, move):
    draft(database, settings, now=clock.forward(days=7), by="ann")  # holds the same stories
    move(1, Move.APPROVE)
    with database.reading() as conn:
        wanted = [pick.candidate for pick in issue.picks]
        assert approval.rivals(conn, 2, dict.fromkeys(wanted, 0)) == dict.fromkeys(wanted, 1)
        assert approval.rivals(conn, 1, dict.fromkeys(wanted, 0)) == {}
    with pytest.raises(IntegrityError):
        move(2, Move.APPROVE)


def test_sent_issues_are_the_archive_newest_first(database, settings, clock, issue, move):
    settings = settings.model_copy(update={"schedule": Schedule(minimum_stories=0)})
    move(1, Move.APPROVE, Move.SEND, Move.FINISH)
    draft(database, settings, now=clock.forward(days=7), by="ann")
    move(2, Move.APPROVE, Move.SEND, Move.FINISH)
    with database.reading() as conn:
        assert [i.number for i in store.sent(conn)] == [2, 1]


def test_the_cut_off_is_the_last_claimed_issues(database, settings, clock, issue, move):
    with database.reading() as conn:
        assert store.cut_off(conn) is None
    move(1, Move.APPROVE)
    with database.reading() as conn:
        assert store.cut_off(conn) == issue.until


def test_the_editors_verdict_takes_the_place_of_the_recipes(database, issue):
    candidate = issue.picks[0].candidate
    dropped = Verdict(candidate, "posts", chosen=False, reason="out: x", because=Because.DROPPED)
    with database.transaction() as conn:
        verdicts.overrule(conn, 1, dropped)
        by_candidate = {v.candidate: v for v, _ in verdicts.listing(conn, 1)}
        assert by_candidate[candidate] == dropped
        assert len(by_candidate) == 2
        assert verdicts.earlier(conn)[candidate].because is Because.DROPPED


def test_overrides_are_kept_with_their_reason(database, issue, clock):
    with database.transaction() as conn:
        approval.override(conn, 1, {"size": "a special edition"}, now=clock(), by="Ann")
        assert approval.overrides(conn, 1) == [("size", "a special edition", "Ann", clock())]
