"""Special editions beside the weekly issue, stories that come again, and editions."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from emag.content.vacancies.vacancy import Vacancy
from emag.desk import approve, arrange, dispatch, edit, look, records
from emag.errors import NotFound, PreflightFailed, WrongMove
from emag.issues import approval, life, store, verdicts
from emag.issues.draft import draft, draft_special
from emag.issues.issue import Move, Status
from emag.settings.approval import JobsSettings


@pytest.fixture
def by(database, settings, clock):
    """Calls a verb of the desk as one editor: `by("Ann", arrange.drop, 1, [3])`."""

    def call(name, verb, which, *arguments, **more):
        clock.forward(minutes=1)
        return verb(database, settings, which, *arguments, now=clock(), by=name, **more)

    return call


@pytest.fixture
def special(database, settings, clock):
    def special(**more):
        return draft_special(database, settings, now=clock(), by="Ann", **more)

    return special


@pytest.fixture
def leave(database, clock, by):
    """Approves issues and lets them leave."""

    def leave(*numbers):
        for number in numbers:
            by("Ann", approve.approve, number)
            with database.transaction() as conn:
                life.move(conn, number, Move.SEND, now=clock.forward(minutes=1), by="Ann")
                life.move(conn, number, Move.FINISH, now=clock.forward(minutes=1), by="Ann")

    return leave


def stories(issue):
    return [pick.candidate for pick in issue.picks]


def reasons(database, number):
    with database.reading() as conn:
        return {v.candidate: v.reason for v, _ in verdicts.listing(conn, number)}


def test_a_special_leaves_the_weekly_issue_alone(database, settings, clock, ids, special):
    open_ones = [special(title="One"), special(title="Two")]
    assert [issue.number for issue in open_ones] == [1, 2]
    weekly = draft(database, settings, now=clock(), by="ann")
    assert weekly.number == 3
    assert sorted(stories(weekly)) == sorted(ids)
    assert draft(database, settings, now=clock(), by="ann").number == 3
    assert weekly.local_date not in {issue.local_date for issue in open_ones}
    with database.reading() as conn:
        assert store.get(conn, "next").number == 3, "a special without a time leaves last"


def test_a_special_on_the_day_of_the_send_takes_no_date(
    database, settings, clock, ids, special, leave, by
):
    clock.forward(days=1)  # Friday, after 07:30
    clock.at = clock.at.replace(hour=6)
    special(title="Today")
    by("Ann", edit.write, 1, note="Read this.")
    weekly = draft(database, settings, now=clock(), by="ann")
    assert weekly.local_date == f"{clock():%Y-%m-%d}"
    leave(1)
    with database.reading() as conn:
        assert store.cut_off(conn) is None, "a special has no window"


def test_a_weekly_draft_without_a_schedule_is_not_the_special(
    database, settings, clock, ids, special
):
    unscheduled = settings.schedule.model_copy(update={"draft": (), "send": ()})
    by_hand = settings.model_copy(update={"schedule": unscheduled})
    special(title="One")
    assert draft(database, by_hand, now=clock(), by="ann").number == 2


def test_a_special_picks_from_the_whole_pool(database, settings, clock, ids, special, by):
    special(title="Lamps")
    rows = records.tray(database, settings, 1, now=clock())
    assert {row.candidate.id for row in rows} == set(ids)
    assert {row.verdict.reason for row in rows} == {
        "out: in the pool, waits for an editor to pick it"
    }
    picked = by("Ann", arrange.pick, 1, ids[0])
    assert picked.subject == "Lamps", "its title is its subject"
    weekly = draft(database, settings, now=clock(), by="ann")
    assert sorted(stories(weekly)) == sorted(ids[1:])
    assert reasons(database, 2)[ids[0]] == "out: in issue 1 already"
    by("Ann", arrange.drop, 2, ids[1:2])
    assert by("Ann", edit.write, 1, subject="Lanterns").subject == "Lanterns"


def test_a_story_of_a_special_that_was_cancelled_comes_into_the_next_issue(
    database, settings, clock, ids, special, by
):
    special()
    by("Ann", arrange.pick, 1, ids[0])
    dispatch.cancel(database, 1, now=clock(), by="Ann")
    assert ids[0] in stories(draft(database, settings, now=clock(), by="ann"))


def test_a_special_may_leave_with_a_note_alone(database, settings, clock, special, by):
    special(title="A word")
    with pytest.raises(PreflightFailed, match="write a note or pick a story"):
        by("Ann", approve.approve, 1)
    by("Ann", edit.write, 1, note="The bridge is **open**.")
    approved = by("Ann", approve.approve, 1).issue
    assert (approved.status, approved.send_at) == (Status.APPROVED, None)


@pytest.mark.parametrize("with_topics", [True, False])
def test_the_note_of_a_special_is_for_readers_of_every_topic(
    database, settings, clock, ids, special, by, with_topics
):
    topics = ("posts", "jobs") if with_topics else ()
    signup = settings.signup.model_copy(update={"topics": topics})
    chosen = settings.model_copy(update={"signup": signup})
    special(title="Correction")
    by("Ann", edit.write, 1, note="The bridge is open.")
    by("Ann", arrange.pick, 1, ids[0])
    view = look.look(database, chosen, 1, now=clock())
    assert view.blocking == ()
    assert view.document.has_stories(frozenset({"jobs"}))
    for_jobs = view.document.for_topics(frozenset())
    assert "The bridge is open." in for_jobs.html
    assert "The bridge is open." in for_jobs.text
    assert ("Lanterns" in for_jobs.text) is not with_topics


def test_a_held_story_is_not_used_up_by_a_special(database, settings, clock, ids, special, by):
    draft(database, settings, now=clock(), by="ann")
    by("Ann", arrange.hold, 1, [ids[1]])
    special(title="Between")
    clock.forward(days=7)
    third = draft(database, settings, now=clock(), by="ann")
    assert reasons(database, 3)[ids[1]] == "in: held in issue 1, back now"
    assert ids[1] in stories(third)


def test_a_story_is_picked_again_only_if_readers_have_it(
    database, settings, clock, issue, ids, special, by, leave
):
    special(title="Again")
    by("Ann", approve.approve, 1)
    with pytest.raises(WrongMove, match="is in issue 1 already"):
        by("Ben", arrange.pick, 2, ids[0])
    leave(1)
    by("Ben", arrange.pick, 2, ids[0])
    assert reasons(database, 2)[ids[0]] == "in: picked again by Ben; it was in issue 1"
    by("Ben", arrange.pick, 2, ids[1], place=1)
    by("Ben", arrange.move, 2, ids[0], place=1)  # it stays picked again
    leave(2)
    with database.reading() as conn:
        assert approval.used(conn)[ids[0]] == 2


def test_two_issues_do_not_repeat_a_story_by_accident(
    database, settings, clock, issue, ids, special, by, leave
):
    leave(1)
    for _ in range(2):
        number = special().number
        by("Ann", arrange.pick, number, ids[0])
    by("Ann", approve.approve, 2)
    with pytest.raises(PreflightFailed, match="in issue 2 already"):
        by("Ben", approve.approve, 3)


def test_a_story_picked_again_and_held_comes_back(
    database, settings, clock, issue, ids, special, by, leave
):
    leave(1)
    special()
    by("Ann", edit.write, 2, note="Hello")
    by("Ann", arrange.pick, 2, ids[0])
    by("Ann", arrange.hold, 2, [ids[0]])
    third = draft(database, settings, now=clock.forward(days=7), by="ann")
    assert stories(third) == [ids[0]]
    assert reasons(database, 3)[ids[0]] == "in: held in issue 2, back now"
    leave(3)
    fourth = settings.model_copy(
        update={"schedule": settings.schedule.model_copy(update={"minimum_stories": 0})}
    )
    assert stories(draft(database, fourth, now=clock.forward(days=7), by="ann")) == []


def repeating(settings, times):
    return settings.model_copy(update={"jobs": JobsSettings(repeat=times)})


def test_an_open_job_comes_again_after_all_new_ones(database, settings, clock, admit, by, leave):
    twice = repeating(settings, 2)
    day = clock().date()
    old = admit("jobs", "Old", vacancy=Vacancy("Old", closes=day + timedelta(days=60)))
    closing = admit("jobs", "Soon", vacancy=Vacancy("Soon", closes=day + timedelta(days=7)))
    post = admit("posts", "Post")
    draft(database, twice, now=clock(), by="ann")
    leave(1)
    new = admit("jobs", "New", vacancy=Vacancy("New", closes=day + timedelta(days=60)))
    second = draft(database, twice, now=clock.forward(days=7), by="ann")
    assert stories(second) == [new, old], "the other closes before the send"
    assert reasons(database, 2)[closing] == "out: closed on 12 March"
    assert post not in stories(second)
    assert reasons(database, 2)[old] == "in: still open, again after issue 1"
    leave(2)
    third = draft(database, twice, now=clock.forward(days=7), by="ann")
    assert set(stories(third)) == {new, old}
    leave(3)
    fourth = draft(database, twice, now=clock.forward(days=7), by="ann")
    assert stories(fourth) == [new], "the old one had its two further issues"


def test_a_job_that_was_dropped_does_not_come_again(database, settings, clock, admit, by, leave):
    often = repeating(settings, 5)
    job = admit("jobs", "Clerk", vacancy=Vacancy("Clerk"))
    admit("posts", "Post one")
    draft(database, often, now=clock(), by="ann")
    leave(1)
    admit("posts", "Post two")
    second = draft(database, often, now=clock.forward(days=7), by="ann")
    assert job in stories(second)
    by("Ann", arrange.drop, 2, [job])
    leave(2)
    admit("posts", "Post three")
    assert job not in stories(draft(database, often, now=clock.forward(days=7), by="ann"))


def test_a_job_has_its_limit_in_two_issues_at_once(database, settings, clock, admit, by, leave):
    """The claim is by turn: two drafts that repeat the same job cannot both be approved."""
    often = repeating(settings, 5)
    admit("jobs", "Clerk", vacancy=Vacancy("Clerk"))
    draft(database, often, now=clock(), by="ann")
    leave(1)
    for _ in range(2):
        draft(database, often, now=clock.forward(days=7), by="ann")
    by("Ann", approve.approve, 2)
    with pytest.raises(PreflightFailed, match="in issue 2 already"):
        by("Ann", approve.approve, 3)


def test_sections_of_an_open_issue_follow_the_settings(database, settings, clock, issue, admit):
    jobs_first = settings.model_copy(update={"sections": settings.sections[::-1]})
    view = look.look(database, jobs_first, 1, now=clock())
    assert [section.name for section in view.issue.sections] == ["events", "jobs", "posts"]
    approved = approve.approve(database, jobs_first, 1, now=clock(), by="Ann").issue
    assert [section.name for section in approved.sections] == ["events", "jobs", "posts"]


def test_every_issue_that_leaves_at_once_gets_its_own_edition(
    database, settings, clock, special, by
):
    numbers = [special(title=f"Special {n}").number for n in range(6)]
    for number in numbers:
        by("Ann", edit.write, number, note="Read this.")
        by("Ann", approve.approve, number)
    barrier = threading.Barrier(len(numbers))

    def begin(number):
        barrier.wait()
        with database.transaction() as conn:
            life.move(conn, number, Move.SEND, now=clock(), by="Ann")

    threads = [threading.Thread(target=begin, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as conn:
        editions = sorted(store.get(conn, number).edition for number in numbers)
    assert editions == [1, 2, 3, 4, 5, 6]


def test_an_audience_is_an_issue_that_left(database, special, ids):
    with pytest.raises(NotFound):
        special(audience=7)
    special()
    with pytest.raises(WrongMove, match="has not been sent"):
        special(audience=1)


def test_a_title_is_one_line(special):
    assert special(title=" A\n title ").title == "A title"
    assert replace(special(), number=1).subject == "The Town Crier"
