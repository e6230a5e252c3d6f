"""The work and the rows of one issue do not grow with the publication's age."""

from datetime import timedelta

import pytest

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.issues import life, verdicts
from emag.issues.draft import draft
from emag.issues.issue import Move
from emag.issues.recipe import WAITING

WEEKS, A_WEEK = 45, 20  # twice as many stories as the section has room for


@pytest.mark.sqlite
def test_verdicts_and_considered_stories_stay_flat(database, settings, clock):
    room = settings.sections[0].limit
    rows = []
    for week in range(WEEKS):
        now = clock.forward(days=7)
        with database.transaction() as conn:
            for number in range(A_WEEK):
                link = f"https://crier.example.org/{week}/{number}"
                story = Story("posts", Kind.POST, link, f"Story {link}", published=now)
                seen_at = now - timedelta(hours=1)
                pool.admit(conn, story, section="posts", now=seen_at)
        issue = draft(database, settings, now=now, by="ann")
        with database.transaction() as conn:
            for step in (Move.APPROVE, Move.SEND, Move.FINISH):
                life.move(conn, issue.number, step, now=now, by="ann")
            rows.append(len(verdicts.listing(conn, issue.number)))
            assert len(pool.open_candidates(conn)) <= WAITING + A_WEEK
    most = WAITING + room + A_WEEK
    assert A_WEEK - room > 0, "or else no story would wait"
    assert max(rows) <= most
    assert rows[-1] == rows[-5], "it has stopped growing"
