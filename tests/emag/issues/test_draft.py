"""Drafting: one issue a period, whoever drafts and how often."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emag.content.vacancies.vacancy import Vacancy
from emag.errors import TooFewStories
from emag.issues import life, store, verdicts
from emag.issues.draft import draft
from emag.issues.issue import Move, Status
from emag.settings import load


def titles(issue, name):
    return [p.story.title for s in issue.sections if s.name == name for p in s.picks]


def test_a_draft_holds_the_pool_and_is_due_at_the_next_send(database, settings, clock, admit):
    admit("posts", "Lanterns in the fog", published=clock() - timedelta(days=1))
    admit("posts", "A bench for two", published=clock() - timedelta(days=2))
    clerk = Vacancy("Clerk", employer="Exampleton", job_of_the_week=True)
    admit("jobs", "*JOB OF THE WEEK* Clerk, Exampleton", vacancy=clerk)
    issue = draft(database, settings, now=clock(), by="ann")
    assert (issue.number, issue.status) == (1, Status.DRAFT)
    assert issue.send_at == datetime(2026, 3, 6, 7, 30, tzinfo=UTC)
    assert issue.local_date == "2026-03-06"
    assert issue.until == clock()
    assert issue.since is None
    assert titles(issue, "posts") == ["Lanterns in the fog", "A bench for two"]
    assert titles(issue, "jobs") == ["*JOB OF THE WEEK* Clerk, Exampleton"]
    assert issue.subject == "Lanterns in the fog"
    assert issue.preheader == "Clerk, Exampleton · A bench for two"


def test_the_same_period_is_the_same_issue_as_the_editor_left_it(database, settings, clock, admit):
    admit("posts", "One")
    first = draft(database, settings, now=clock(), by="ann")
    with database.transaction() as conn:
        store.edit(conn, first.number, note="What the editor wrote")
    admit("posts", "Two")
    again = draft(database, settings, now=clock.forward(hours=10), by="ann")
    assert again == replace(first, note="What the editor wrote")
    with database.reading() as conn:
        assert len(store.listing(conn)) == 1


def test_the_next_period_is_the_next_issue(database, settings, clock, admit):
    admit("posts", "One")
    draft(database, settings, now=clock(), by="ann")
    assert draft(database, settings, now=clock.forward(days=7), by="ann").number == 2


def test_a_skipped_or_cancelled_period_can_be_drafted_anew(database, settings, clock, admit):
    admit("posts", "One")
    first = draft(database, settings, now=clock(), by="ann")
    with database.transaction() as conn:
        life.move(conn, first.number, Move.CANCEL, now=clock(), by="ann")
    second = draft(database, settings, now=clock(), by="ann")
    assert (second.number, titles(second, "posts")) == (2, ["One"])


def test_too_few_stories_are_no_issue(database, folder, clock, admit):
    text = (folder / "emag.toml").read_text()
    (folder / "emag.toml").write_text(
        text.replace('send = "fri 07:30"', 'send = "fri 07:30"\nminimum_stories = 3')
    )
    admit("posts", "One")
    admit("posts", "Two")
    with pytest.raises(TooFewStories, match="2 of the 3 stories"):
        draft(database, load(folder, {}), now=clock(), by="ann")
    with database.reading() as conn:
        assert store.listing(conn) == []


def test_without_a_weekly_send_the_open_issue_is_the_period(database, folder, clock, admit):
    text = (folder / "emag.toml").read_text().replace('send = "fri 07:30"', "")
    (folder / "emag.toml").write_text(text)
    settings = load(folder, {})
    admit("posts", "One")
    issue = draft(database, settings, now=clock(), by="ann")
    assert (issue.send_at, issue.local_date) == (None, "2026-03-05")
    assert draft(database, settings, now=clock.forward(days=3), by="ann").number == 1
    with database.transaction() as conn:
        life.move(conn, 1, Move.APPROVE, now=clock(), by="ann")
    admit("posts", "Two")
    second = draft(database, settings, now=clock(), by="ann")
    assert (second.number, titles(second, "posts")) == (2, ["Two"])


def test_two_who_draft_at_once_get_one_issue(database, settings, clock, admit):
    admit("posts", "One")
    with ThreadPoolExecutor(8) as hands:
        drafted = list(
            hands.map(lambda _: draft(database, settings, now=clock(), by="ann"), range(8))
        )
    assert {issue.number for issue in drafted} == {1}
    with database.reading() as conn:
        assert len(store.listing(conn)) == 1


def test_a_long_title_is_cut_between_words(database, settings, clock, admit):
    admit("posts", "word " * 60)
    issue = draft(database, settings, now=clock(), by="ann")
    assert len(issue.subject) <= 120
    assert issue.subject.endswith("word…")


def test_every_candidate_has_its_verdict_in_the_database(database, settings, clock, admit):
    inside = admit("posts", "One")
    old = admit("elsewhere", "Old", published=clock() - timedelta(days=90))
    number = draft(database, settings, now=clock(), by="ann").number
    with database.reading() as conn:
        reasons = {v.candidate: v.reason for v, _ in verdicts.listing(conn, number)}
    assert reasons == {
        inside: "in: newest",
        old: "out: no section named “elsewhere”",
    }
