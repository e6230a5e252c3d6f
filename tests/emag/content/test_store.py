"""The pool's rows, on a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from emag.content import store
from emag.content.health import reads
from emag.content.sources import Memory, Reading
from emag.content.story import Kind, Story

NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
STORY = Story("posts", Kind.POST, "https://example.org/a", "A title", published=NOW)


def admit(database, *links, now=NOW):
    with database.transaction() as conn:
        return [
            store.admit(conn, replace(STORY, link=link), section="posts", now=now) for link in links
        ]


def test_a_candidate_comes_back_whole(database):
    assert admit(database, STORY.link) == [True]
    with database.reading() as conn:
        (candidate,) = store.candidates(conn)
        assert (candidate.story, candidate.gathered_at, candidate.section) == (STORY, NOW, "posts")
        assert store.by_ids(conn, [candidate.id, 99]) == {candidate.id: candidate}


def test_the_key_lets_no_story_in_twice(database):
    assert admit(database, STORY.link, "http://www.example.org/a/") == [True, False]


def test_candidates_end_where_the_window_ends(database):
    admit(database, "https://example.org/1")
    admit(database, "https://example.org/2", now=NOW + timedelta(hours=1))
    with database.reading() as conn:
        candidates = store.candidates(conn, until=NOW)
        assert [c.story.link for c in candidates] == ["https://example.org/1"]
        assert len(store.candidates(conn)) == 2


def test_a_refreshed_candidate_keeps_its_place(database):
    admit(database, STORY.link)
    later = NOW + timedelta(days=1)
    edited = replace(STORY, title="Another", link="http://www.example.org/a")
    with database.transaction() as conn:
        (before,) = store.candidates(conn)
        store.refresh(conn, edited, id=before.id, section="events", now=later)
        (after,) = store.candidates(conn)
        stored = store.by_identity(conn, [STORY.identity])[STORY.identity]
    assert (after.id, after.gathered_at, after.story, after.section) == (
        before.id,
        NOW,
        edited,
        "events",
    )
    assert stored.fingerprint == edited.fingerprint


def test_many_keys_are_asked_for_in_batches(database):
    links = [f"https://example.org/{n}" for n in range(store.BATCH + 2)]
    admit(database, *links)
    with database.reading() as conn:
        ids = [c.id for c in store.candidates(conn)]
        assert len(store.by_ids(conn, ids)) == len(links)
        assert len(store.by_identity(conn, [link.partition("//")[2] for link in links])) == len(
            links
        )


def test_a_failure_keeps_what_the_source_said_last(database):
    memory = Memory('"one"', "yesterday", "d1", "feed")
    with database.transaction() as conn:
        assert reads.memories(conn, ["posts"])["posts"] == Memory()
        reading = Reading(memory=memory, entries=7, title="The blog")
        assert reads.succeeded(conn, "posts", reading, now=NOW) == 7
        reads.failed(conn, "posts", "it is away", now=NOW + timedelta(hours=1))
        (state,) = reads.states(conn)
        assert reads.memories(conn, ["posts"])["posts"] == memory
    assert (state.ok, state.error, state.entries, state.title) == (
        False,
        "it is away",
        7,
        "The blog",
    )
    assert (state.read_at, state.succeeded_at) == (NOW + timedelta(hours=1), NOW)


def test_an_unchanged_read_clears_the_error_and_nothing_else(database):
    with database.transaction() as conn:
        reads.succeeded(conn, "posts", Reading(memory=Memory(etag="1"), entries=7), now=NOW)
        reads.failed(conn, "posts", "it is away", now=NOW)
        assert reads.succeeded(conn, "posts", Reading(unchanged=True), now=NOW) == 7
        (state,) = reads.states(conn)
        assert reads.memories(conn, ["posts"])["posts"].etag == "1"
    assert (state.ok, state.error) == (True, "")


def test_a_source_that_never_succeeded_has_its_state_too(database):
    with database.transaction() as conn:
        reads.failed(conn, "posts", "it is away", now=NOW)
        (state,) = reads.states(conn)
    assert (state.ok, state.succeeded_at, state.entries) == (False, None, 0)
