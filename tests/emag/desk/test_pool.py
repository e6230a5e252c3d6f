"""The pool as editors see it, and the stories that they add by their address."""

from dataclasses import replace
from datetime import timedelta

import pytest

from emag.content import store
from emag.content.gather import gather
from emag.content.sources.feed import FeedSource
from emag.content.sources.pages import WebPages
from emag.content.story import Kind
from emag.desk import arrange, pool, records
from emag.errors import NotFound, SourceError
from emag.issues import approval, life
from emag.issues.draft import draft
from emag.issues.issue import Move

PAGE = (
    "<title>The ferry stops</title>"
    '<meta name="description" content="After six years the bridge is open.">'
)

FEED = (
    "<rss version='2.0'><channel><title>t</title>"
    "<item><title>{title}</title><link>{link}</link></item></channel></rss>"
)


@pytest.fixture
def pages():
    return WebPages(allow_private=True, base_url="https://mail.crier.example.org")


@pytest.fixture
def add(database, settings, pages, clock):
    def add(address, section=None, by="Ann"):
        return pool.add(database, settings, pages, address, now=clock(), by=by, section=section)

    return add


@pytest.fixture
def reasons(database, settings, clock):
    def reasons():
        rows = pool.view(database, settings, now=clock()).rows
        return {row.candidate.story.title: row.verdict.reason for row in rows}

    return reasons


def test_a_story_is_added_and_goes_into_the_next_draft(
    site, database, settings, clock, add, reasons
):
    site.serve("/ferry", PAGE, Content_Type="text/html")
    added = add(f"{site.url}/ferry?utm_source=mail")
    candidate = added.candidate
    assert added.is_new
    assert (candidate.section, candidate.added_by) == ("posts", "Ann")
    assert candidate.story.summary == "After six years the bridge is open."
    assert candidate.story.link == f"{site.url}/ferry"
    assert reasons() == {"The ferry stops": "in: added by Ann"}
    draft(database, settings, now=clock(), by="ann")
    explained = records.explain(database, settings, 1, now=clock())
    assert [row.verdict.reason for row in explained] == ["in: added by Ann"]


def test_a_story_added_to_an_open_issue_waits_in_its_tray(
    site, database, settings, clock, add, issue, reasons
):
    site.serve("/ferry", PAGE, Content_Type="text/html")
    clock.forward(hours=1)
    added = add(f"{site.url}/ferry")
    assert reasons()["The ferry stops"] == "out: added by Ann, waits in the tray"
    tray = pool.view(database, settings, now=clock()).tray
    assert [row.candidate.id for row in tray] == [added.candidate.id]
    arrange.pick(database, settings, 1, added.candidate.id, now=clock(), by="Ben")
    assert reasons()["The ferry stops"] == "in: picked by Ben"


def test_an_added_story_has_room_and_the_order_stays(site, database, settings, clock, add, admit):
    section = next(s for s in settings.sections if s.name == "posts")
    settings = settings.model_copy(update={"sections": (section.model_copy(update={"limit": 2}),)})
    old = '<meta property="article:published_time" content="2026-01-01">'
    site.serve("/ferry", PAGE + old, Content_Type="text/html")
    for hours, title in enumerate(("One", "Two", "Three")):
        admit("posts", title, published=clock() - timedelta(hours=hours + 1))
    add(f"{site.url}/ferry")
    issue = draft(database, settings, now=clock(), by="ann")
    assert [pick.story.title for pick in issue.picks] == ["One", "The ferry stops"]


def test_the_section_is_chosen_by_the_kind_or_by_name(site, add):
    event = '<script type="application/ld+json">{"@type":"Event","startDate":"2026-05-01"}</script>'
    site.serve("/fair", "<title>Fair</title>" + event, Content_Type="text/html")
    site.serve("/ferry", PAGE, Content_Type="text/html")
    fair = add(f"{site.url}/fair").candidate
    assert (fair.section, fair.story.kind) == ("events", Kind.EVENT)
    job = add(f"{site.url}/ferry", section="jobs").candidate
    assert (job.section, job.story.kind) == ("jobs", Kind.JOB)
    with pytest.raises(NotFound, match="no section “sport”; there are posts, jobs, events"):
        add(f"{site.url}/ferry", section="sport")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("not an address", "is no web address"),
        ("ferry", "is no web address"),
        ("javascript:alert(1)", "is no web address"),
        ("file:///etc/passwd", "is no web address"),
        ("", "is no web address"),
        ("{site}/nowhere", "is not there; check the address"),
        ("{site}/picture", "is no web page"),
        ("{site}/empty", "has neither a title nor a text"),
        ("{site}/login", "asks for a password"),
        ("http://nowhere.invalid/x", "there is no host named"),
        ("http://169.254.169.254/latest", "private network"),
    ],
)
def test_a_page_that_cannot_be_read_is_one_sentence(site, add, address, sentence, database):
    site.serve("/picture", b"\x89PNG", Content_Type="image/png")
    site.serve("/empty", "<p></p>", Content_Type="text/html")
    site.serve("/login", "", status=401)
    with pytest.raises(SourceError, match=sentence):
        add(address.format(site=site.url))
    with database.reading() as conn:
        assert store.candidates(conn) == []


def test_pages_of_emag_itself_are_no_stories(settings, database, clock):
    pages = WebPages(allow_private=True, base_url=settings.base_url)
    with pytest.raises(SourceError, match="a page of emag itself"):
        pool.add(database, settings, pages, f"{settings.base_url}/archive/1", now=clock(), by="Ann")


def test_a_story_that_a_source_gave_stays_as_it_is(site, database, settings, clock, add):
    site.serve("/feed", FEED.format(title="From the feed", link=f"{site.url}/ferry"))
    source = FeedSource("posts", f"{site.url}/feed", "posts", allow_private=True)
    gather(database, [source], now=clock())
    count = len(site.requests)
    added = add(f"{site.url}/ferry/")
    assert (added.is_new, added.candidate.story.title) == (False, "From the feed")
    assert len(site.requests) == count  # its page was not read


def test_a_source_does_not_take_an_added_story(site, database, settings, clock, add):
    site.serve("/ferry", PAGE, Content_Type="text/html")
    add(f"{site.url}/ferry", section="events")
    site.serve("/feed", FEED.format(title="Feed", link=f"{site.url}/ferry"))
    source = FeedSource("posts", f"{site.url}/feed", "posts", allow_private=True)
    (gathered,) = gather(database, [source], now=clock())
    assert (gathered.new, gathered.changed) == (0, 0)
    with database.reading() as conn:
        (candidate,) = store.candidates(conn)
    assert (candidate.story.title, candidate.section) == ("The ferry stops", "events")


def test_adding_again_reads_the_page_again(site, add):
    site.serve("/ferry", PAGE, Content_Type="text/html")
    first = add(f"{site.url}/ferry")
    site.serve("/ferry", PAGE.replace("stops", "has stopped"), Content_Type="text/html")
    second = add(f"{site.url}/ferry", section="events", by="Ben")
    assert not second.is_new
    assert second.candidate.id == first.candidate.id
    assert second.candidate.story.title == "The ferry has stopped"
    assert (second.candidate.section, second.candidate.added_by) == ("events", "Ann")


def test_a_story_that_drafting_passed_over_is_new_again(
    database, settings, clock, add, admit, reasons
):
    number = admit("posts", "Old news")
    with database.transaction() as conn:
        candidate = store.by_ids(conn, [number])[number]
        story = replace(candidate.story, source="posts")
        store.refresh(conn, story, id=number, section="posts", now=clock())
        store.close(conn, store.open_ids())
    assert reasons() == {}
    added = add(candidate.story.link)
    assert (added.is_new, added.candidate.id) == (True, number)
    assert reasons() == {"Old news": "in: added by Ann"}


def test_a_story_that_readers_had_says_in_which_issue(database, settings, clock, add, admit, issue):
    with database.transaction() as conn:
        life.move(conn, 1, Move.APPROVE, now=clock(), by="ann")
        approval.claim(conn, 1)
        life.move(conn, 1, Move.SEND, now=clock(), by="ann")
        pick = issue.picks[0]
        story = replace(pick.story, source="posts")
        store.refresh(conn, story, id=pick.candidate, section="posts", now=clock())
    added = add(pick.story.link)
    assert (added.is_new, added.had_in) == (False, 1)


def test_without_an_open_issue_the_reasons_are_those_of_a_draft(
    database, settings, clock, ids, reasons
):
    view = pool.view(database, settings, now=clock())
    assert view.issue is None
    assert set(reasons().values()) == {"in: newest"}
