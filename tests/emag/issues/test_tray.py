"""The tray: stories gathered since the draft."""

from datetime import date, timedelta

import pytest

from emag.content import store as pool
from emag.content.vacancies.vacancy import Vacancy
from emag.desk import arrange, records
from emag.issues import life
from emag.issues.draft import draft
from emag.issues.issue import Move


@pytest.fixture
def issue(database, settings, clock, admit):
    admit("posts", "One")
    return draft(database, settings, now=clock(), by="ann")


@pytest.fixture
def explained(database, settings, clock):
    """The story's title and the reason why it is in or out."""

    def explained():
        rows = records.explain(database, settings, 1, now=clock())
        return {row.candidate.story.title: row.verdict.reason for row in rows}

    return explained


@pytest.fixture
def tray(database, settings, clock):
    def tray():
        rows = records.tray(database, settings, 1, now=clock())
        return [row.candidate.story.title for row in rows]

    return tray


def test_a_story_gathered_since_the_draft_is_in_the_tray(issue, admit, clock, tray, explained):
    assert tray() == []
    clock.forward(hours=1)
    admit("posts", "Two")
    assert tray() == ["Two"]
    assert explained() == {
        "One": "in: newest",
        "Two": "out: gathered after the draft, waits in the tray",
    }


def test_a_story_that_could_not_go_in_is_explained_and_not_in_the_tray(
    issue, admit, clock, tray, explained
):
    clock.forward(hours=1)
    closed = Vacancy("Clerk", closes=date(2026, 3, 1))
    admit("jobs", "Clerk wanted", vacancy=closed)
    assert tray() == []
    assert explained()["Clerk wanted"] == "out: gathered after the draft; closed on 1 March"


def test_a_picked_story_leaves_the_tray(database, settings, clock, issue, admit, tray, explained):
    clock.forward(hours=1)
    number = admit("posts", "Two")
    arrange.pick(database, settings, 1, number, now=clock(), by="ann")
    assert tray() == []
    assert explained()["Two"] == "in: picked by ann"


def test_an_issue_that_has_begun_to_leave_has_no_tray(database, issue, admit, clock, tray):
    clock.forward(hours=1)
    admit("posts", "Two")
    with database.transaction() as conn:
        life.move(conn, 1, Move.APPROVE, now=clock(), by="ann")
    assert tray() == ["Two"]
    with database.transaction() as conn:
        life.move(conn, 1, Move.SEND, now=clock(), by="ann")
    assert tray() == []


def test_a_sent_issue_closes_its_stories_and_a_changed_one_is_open_again(
    database, settings, clock, issue, admit
):
    dropped, closed = admit("posts", "Two"), admit("posts", "Three")
    with database.transaction() as conn:
        for step in (Move.APPROVE, Move.SEND, Move.FINISH):
            life.move(conn, 1, step, now=clock(), by="ann")
    with database.reading() as conn:
        assert {c.id for c in pool.open_candidates(conn)} == {dropped, closed}
    second = draft(database, settings, now=clock.forward(days=7), by="ann")
    arrange.drop(database, settings, second.number, [dropped], now=clock(), by="ann")
    draft(database, settings, now=clock() + timedelta(days=7), by="ann")
    with database.transaction() as conn:
        for step in (Move.APPROVE, Move.SEND, Move.FINISH):
            life.move(conn, 3, step, now=clock(), by="ann")
        assert pool.open_candidates(conn) == []
        story = pool.by_ids(conn, [dropped])[dropped].story
        pool.refresh(conn, story, id=dropped, section="posts", now=clock())
        assert [c.id for c in pool.open_candidates(conn)] == [dropped]
