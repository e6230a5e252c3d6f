"""Reading every source, from a real site into a real database."""

import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from emag.content import store
from emag.content.gather import gather
from emag.content.health import reads
from emag.content.sources import Memory, Reading
from emag.content.sources.feed import FeedSource
from emag.content.sources.folder import FolderSource
from emag.content.sources.jobs import JobsSource
from emag.content.story import Kind, Story
from emag.errors import SourceError


def rss(*items: str) -> str:
    return f'<rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'


def item(link: str, title: str = "A title", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


ONE, TWO = "https://a.example/1", "https://a.example/2"


@pytest.fixture
def source(site):
    def make(path: str = "/feed", *, name: str = "posts", section: str = "posts") -> FeedSource:
        return FeedSource(name, site.url + path, section, timeout=2, allow_private=True)

    return make


def figures(gathered):
    return [(g.name, g.ok, g.entries, g.new, g.changed) for g in gathered]


def titles(database):
    with database.reading() as conn:
        return [(c.story.source, c.story.title) for c in store.candidates(conn)]


def test_a_second_gather_adds_nothing(site, database, source, clock):
    site.serve("/feed", rss(item(ONE), item(TWO)))
    assert figures(gather(database, [source()], now=clock())) == [("posts", True, 2, 2, 0)]
    assert figures(gather(database, [source()], now=clock())) == [("posts", True, 2, 0, 0)]
    assert len(titles(database)) == 2


def test_a_304_counts_what_the_source_had(site, database, source, clock):
    site.serve("/feed", rss(item(ONE), item(TWO)), ETag='"one"')
    gather(database, [source()], now=clock())
    site.serve("/feed", "", status=304)
    assert figures(gather(database, [source()], now=clock())) == [("posts", True, 2, 0, 0)]
    assert site.requests[1][1]["if-none-match"] == '"one"'


def test_an_edited_story_is_refreshed_and_keeps_its_place(site, database, source, clock):
    site.serve("/feed", rss(item(ONE)))
    gather(database, [source()], now=clock())
    first = clock()
    site.serve("/feed", rss(item(TWO, "New"), item(ONE + "?utm_source=rss", "Edited")))
    again = gather(database, [source()], now=clock.forward(hours=1))
    assert figures(again) == [("posts", True, 2, 1, 1)]
    with database.reading() as conn:
        edited = store.candidates(conn)[0]
    assert (edited.story.title, edited.gathered_at) == ("Edited", first)


def test_a_story_that_left_the_feed_stays_in_the_pool(site, database, source, clock):
    site.serve("/feed", rss(item(ONE)))
    gather(database, [source()], now=clock())
    site.serve("/feed", rss(item(TWO)))
    gather(database, [source()], now=clock())
    assert len(titles(database)) == 2


def test_of_two_sources_the_first_keeps_the_story(site, database, source, clock):
    site.serve("/a", rss(item(ONE, "From a")))
    site.serve("/b", rss(item("http://www.a.example/1/", "From b"), item(TWO, "Own")))
    both = [source("/a", name="a"), source("/b", name="b")]
    for new in (1, 0):
        gathered = gather(database, both, now=clock())
        assert figures(gathered) == [("a", True, 1, new, 0), ("b", True, 2, new, 0)]
    assert titles(database) == [("a", "From a"), ("b", "Own")]


def test_a_story_of_a_source_that_was_removed_passes_on(site, database, source, clock):
    site.serve("/a", rss(item(ONE, "From a")))
    site.serve("/b", rss(item(ONE, "From b")))
    gather(database, [source("/a", name="a")], now=clock())
    gathered = gather(database, [source("/b", name="b")], now=clock())
    assert figures(gathered) == [("b", True, 1, 0, 1)]
    assert titles(database) == [("b", "From b")]


def test_entries_with_one_link_are_one_story_and_a_note(site, database, source, clock):
    site.serve("/feed", rss(item(ONE, "First"), item(ONE, "Second"), item(ONE, "Third")))
    (gathered,) = gather(database, [source()], now=clock())
    assert (gathered.entries, gathered.new) == (3, 1)
    assert gathered.notes == (f"{ONE} is shared by several entries",)
    assert gathered.left_out == {"shared": 2}
    assert titles(database) == [("posts", "First")]
    assert figures(gather(database, [source()], now=clock()))[0][3:] == (0, 0)


def test_a_source_that_fails_is_reported_and_stops_no_other(site, database, source, clock):
    site.serve("/good", rss(item(ONE)))
    site.serve("/page", "<!DOCTYPE html><html><head></head></html>", Content_Type="text/html")
    site.serve("/half", rss(item(TWO))[:-20])
    names = ["missing", "good", "page", "half"]
    gathered = gather(database, [source(f"/{n}", name=n) for n in names], now=clock())
    assert [g.name for g in gathered] == names
    assert [g.ok for g in gathered] == [False, True, False, False]
    assert "is not there" in gathered[0].error
    assert "a web page is served there" in gathered[2].error
    assert "ends in its middle" in gathered[3].error
    with database.reading() as conn:
        assert {s.name: s.ok for s in reads.states(conn)} == {
            "missing": False,
            "good": True,
            "page": False,
            "half": False,
        }


def test_a_source_that_fails_keeps_what_it_had(site, database, source, clock):
    site.serve("/feed", rss(item(ONE)), ETag='"one"')
    gather(database, [source()], now=clock())
    site.serve("/feed", "", status=500)
    assert not gather(database, [source()], now=clock())[0].ok
    assert len(titles(database)) == 1
    site.serve("/feed", "", status=304)
    assert figures(gather(database, [source()], now=clock())) == [("posts", True, 1, 0, 0)]


@dataclass(frozen=True)
class Faulty:
    """A source with a fault of ours."""

    name: str = "faulty"
    section: str = "posts"

    def read(self, memory: Memory) -> Reading:
        raise ZeroDivisionError


def test_a_fault_in_one_adapter_stops_no_other(site, database, source, clock, caplog):
    site.serve("/feed", rss(item(ONE)))
    gathered = gather(database, [Faulty(), source()], now=clock())
    assert [g.ok for g in gathered] == [False, True]
    assert "a fault in emag: see errors.log" in gathered[0].error
    [error] = [r.fault for r in caplog.records if hasattr(r, "fault")]
    assert isinstance(error, ZeroDivisionError)  # whose traceback goes into a file


@dataclass(frozen=True)
class Meeting:
    """Sources that wait for each other: they finish only if they are read side by side."""

    name: str
    barrier: threading.Barrier
    section: str = "posts"

    def read(self, memory: Memory) -> Reading:
        self.barrier.wait(timeout=60)
        return Reading()


def test_sources_are_read_side_by_side(database, clock):
    barrier = threading.Barrier(3)
    gathered = gather(database, [Meeting(n, barrier) for n in "abc"], now=clock())
    assert [g.ok for g in gathered] == [True, True, True]


def test_a_source_that_moves_to_another_section_takes_its_stories_along(
    site, database, source, clock
):
    site.serve("/feed", rss(item(ONE)))
    gather(database, [source()], now=clock())
    gather(database, [source(section="events")], now=clock())
    with database.reading() as conn:
        (candidate,) = store.candidates(conn)
    assert (candidate.section, candidate.story.kind) == ("events", Kind.EVENT)


def test_a_story_moves_even_where_it_looks_the_same(site, database, source, clock):
    site.serve("/feed", rss(item(ONE)))
    gather(database, [source()], now=clock())
    gather(database, [source(section="news")], now=clock())
    with database.reading() as conn:
        assert [c.section for c in store.candidates(conn)] == ["news"]


def test_another_address_under_the_same_name_is_read_anew(site, database, source, clock):
    site.serve("/feed", rss(item(ONE)), ETag='"one"')
    gather(database, [source()], now=clock())
    site.serve("/other", rss(item(TWO)))
    assert figures(gather(database, [source("/other")], now=clock()))[0][3] == 1
    assert "if-none-match" not in site.requests[1][1]


def test_a_date_from_the_future_is_no_date(site, database, source, clock):
    """It would stand first in every order; once its day has come it counts."""
    site.serve("/feed", rss(item(ONE, more="<pubDate>Fri, 06 Mar 2026 10:00:00 GMT</pubDate>")))
    gather(database, [source()], now=clock())
    with database.reading() as conn:
        assert store.candidates(conn)[0].story.published is None
    site.serve(
        "/feed", rss(item(ONE, more="<pubDate>Fri, 06 Mar 2026 10:00:00 GMT</pubDate>"), " ")
    )
    gather(database, [source()], now=clock.forward(days=2))
    with database.reading() as conn:
        published = store.candidates(conn)[0].story.published
    assert published == datetime(2026, 3, 6, 10, tzinfo=UTC)


def test_two_gathers_at_once_admit_a_story_once(site, database, source, clock):
    site.serve("/feed", rss(*(item(f"https://a.example/{n}") for n in range(30))))
    new = []
    threads = [
        threading.Thread(
            target=lambda: new.append(gather(database, [source()], now=clock())[0].new)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(new) == 30
    assert len(titles(database)) == 30


@pytest.mark.postgres
def test_postgresql_keeps_a_pool_alike(site, postgresql, source, clock):
    site.serve("/feed", rss(item(ONE, "Ein Café\u0000"), item(TWO, "👩\u200d🚀")), ETag='"one"')
    assert figures(gather(postgresql, [source()], now=clock())) == [("posts", True, 2, 2, 0)]
    site.serve("/feed", "", status=304)
    assert figures(gather(postgresql, [source()], now=clock())) == [("posts", True, 2, 0, 0)]
    site.serve("/feed", rss(item(ONE, "Edited"), item(TWO, "👩\u200d🚀")))
    assert figures(gather(postgresql, [source()], now=clock())) == [("posts", True, 2, 0, 1)]
    site.serve("/feed", "", status=500)
    assert not gather(postgresql, [source()], now=clock())[0].ok
    assert titles(postgresql) == [("posts", "Edited"), ("posts", "👩\u200d🚀")]
    with postgresql.reading() as conn:
        assert {c.gathered_at for c in store.candidates(conn)} == {clock()}
        assert [(s.name, s.ok) for s in reads.states(conn)] == [("posts", False)]


def test_every_kind_of_source_together(site, database, clock, tmp_path, feed_file):
    site.serve("/posts", feed_file("squarespace.xml"))
    site.serve("/jobs", feed_file("jobs.xml"))
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "a.md").write_text(f"---\ntitle: Ours\nlink: {ONE}\n---\nHello\n")
    sources = [
        FeedSource("posts", site.url + "/posts", allow_private=True),
        JobsSource("jobs", site.url + "/jobs", allow_private=True),
        FolderSource("ours", tmp_path / "ours", "events"),
    ]
    assert figures(gather(database, sources, now=clock())) == [
        ("posts", True, 2, 2, 0),
        ("jobs", True, 4, 4, 0),
        ("ours", True, 1, 1, 0),
    ]
    with database.reading() as conn:
        kinds = [(c.section, c.story.kind) for c in store.candidates(conn)]
    assert kinds == [("posts", "post")] * 2 + [("jobs", "job")] * 4 + [("events", "event")]


def test_no_sources_are_no_trouble(database, clock):
    assert gather(database, [], now=clock()) == []


def test_a_private_address_is_refused_unless_allowed(site, database, clock):
    site.serve("/feed", rss(item(ONE)))
    (gathered,) = gather(database, [FeedSource("posts", site.url + "/feed")], now=clock())
    assert "private network" in gathered.error
    assert site.requests == []


@dataclass(frozen=True)
class Away:
    name: str = "away"
    section: str = "posts"

    def read(self, memory: Memory) -> Reading:
        raise SourceError


def test_an_error_without_words_still_says_something(database, clock):
    assert gather(database, [Away()], now=clock())[0].error == "The source could not be read."


STORY = Story("s", Kind.EVENT, ONE, "A fair")


@dataclass(frozen=True)
class FixedSource:
    stories: tuple[Story, ...]
    name: str = "s"
    section: str = "events"

    def read(self, memory: Memory) -> Reading:
        return Reading(self.stories, entries=len(self.stories))


def test_an_event_may_be_dated_ahead(database, clock):
    ahead = replace(STORY, published=clock() + timedelta(days=9))
    gather(database, [FixedSource((ahead,))], now=clock())
    with database.reading() as conn:
        assert store.candidates(conn)[0].story == ahead


def test_a_source_that_takes_too_long_stops_no_other(site, database, source, clock):
    finish = threading.Event()
    site.answer("/slow", lambda _: finish.wait(20))
    site.serve("/feed", rss(item(ONE)))
    sources = [source("/slow", name="slow"), source()]
    slow, quick = gather(database, sources, now=clock(), within=timedelta(seconds=1))
    finish.set()
    assert (slow.ok, slow.error) == (False, "it did not answer in time")
    assert quick.new == 1
