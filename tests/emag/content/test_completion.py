"""Pages of stories whose feed gives too little, read from a real site."""

import pytest

from emag.content import store
from emag.content.gather import gather
from emag.content.pages.completion import A_MINUTE, filled
from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.folder import FolderSource
from emag.content.sources.pages import WebPages

SUMMARY = (
    "The footbridge over the Aled opens on Saturday after six years of work, three contractors and"
    " one flood that nobody had insured against."
)


def page(title="The bridge", summary=SUMMARY, picture="bridge.jpg", author="Nia Prys"):
    return (
        f'<html><head><title>{title}</title><meta property="og:title" content="{title}">'
        f'<meta property="og:description" content="{summary}">'
        f'<meta name="author" content="{author}">'
        f'<meta property="og:image" content="https://cdn.example/{picture}"></head><body></body></html>'
    )


def feed(*items):
    return f'<rss version="2.0"><channel><title>t</title>{"".join(items)}</channel></rss>'


def item(link, title="The bridge", more=""):
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


@pytest.fixture
def pages():
    return WebPages(allow_private=True, base_url="https://emag.example")


@pytest.fixture
def read(site, database, pages):
    def read(now, *, path="/feed"):
        source = FeedSource("posts", site.url + path, timeout=5, allow_private=True)
        return gather(database, [source], now=now, pages=pages)

    return read


def stories(database):
    with database.reading() as conn:
        return [candidate.story for candidate in store.candidates(conn)]


def requested(site):
    return [path for path, _ in site.requests if path != "/feed"]


def test_a_page_gives_what_the_feed_leaves_out(site, database, read, clock):
    site.serve("/bridge", page(), Content_Type="text/html")
    site.serve("/feed", feed(item(site.url + "/bridge")))
    read(clock())
    (story,) = stories(database)
    assert (story.summary, story.author) == (SUMMARY, "Nia Prys")
    assert story.picture.url == "https://cdn.example/bridge.jpg"


def test_a_page_is_read_once_and_its_facts_stay(site, database, read, clock):
    site.serve("/bridge", page(), Content_Type="text/html")
    site.serve("/feed", feed(item(site.url + "/bridge")))
    read(clock())
    site.serve("/feed", feed(item(site.url + "/bridge"), item(site.url + "/missing", "Gone")))
    outcomes = [read(clock.forward(hours=1))[0] for _ in range(3)]
    assert [(g.new, g.changed) for g in outcomes] == [(1, 0), (0, 0), (0, 0)]
    assert requested(site) == ["/bridge", "/missing"]
    assert stories(database)[0].author == "Nia Prys"


def test_a_page_that_does_not_answer_is_tried_again_after_longer_and_longer_pauses(
    site, database, read, clock
):
    site.serve("/bridge", "Busy", status=503)
    site.serve("/feed", feed(item(site.url + "/bridge")))
    read(clock())
    for hours in (0.5, 0.4, 0.2, 3, 2.8, 0.4, 20):  # due after 1 hour, and after 6 more
        read(clock.forward(hours=hours))
    assert requested(site) == ["/bridge"] * 3
    site.serve("/bridge", page(), Content_Type="text/html")
    read(clock.forward(hours=5))
    read(clock.forward(days=2))
    assert requested(site) == ["/bridge"] * 4
    assert stories(database)[0].summary == SUMMARY


def test_a_page_that_never_answers_is_given_up(site, read, clock):
    site.serve("/bridge", "Busy", status=503)
    site.serve("/feed", feed(item(site.url + "/bridge")))
    for _ in range(6):
        read(clock.forward(days=2))
    assert requested(site) == ["/bridge"] * 4


def test_what_the_feed_says_stands(site, database, read, clock):
    site.serve("/bridge", page(), Content_Type="text/html")
    words = "<description>Our own words about the bridge.</description><author>Tom Bell</author>"
    site.serve("/feed", feed(item(site.url + "/bridge", more=words)))
    read(clock())
    (story,) = stories(database)
    assert (story.summary, story.author) == ("Our own words about the bridge.", "Tom Bell")
    assert story.picture.url == "https://cdn.example/bridge.jpg"


def test_a_feed_that_says_enough_has_no_page_read(site, read, clock):
    words = (
        "<description>Our own words about the bridge.</description><author>Tom Bell</author>"
        '<enclosure url="https://cdn.example/a.jpg" type="image/jpeg"/>'
    )
    site.serve("/feed", feed(item(site.url + "/bridge", more=words)))
    read(clock())
    assert requested(site) == []


def test_ten_pages_of_a_host_in_a_minute(site, read, clock):
    links = [f"/{number}" for number in range(25)]
    for link in links:
        site.serve(link, page(title=link, summary=f"{link}: {SUMMARY}"), Content_Type="text/html")
    site.serve("/feed", feed(*(item(site.url + link, link) for link in links)))
    read(clock())
    assert len(requested(site)) == A_MINUTE
    read(clock.forward(seconds=30))
    assert len(requested(site)) == A_MINUTE
    read(clock.forward(minutes=1))
    assert len(requested(site)) == 2 * A_MINUTE
    read(clock.forward(hours=1))
    assert len(set(requested(site))) == len(requested(site)) == len(links)


def test_what_every_page_says_is_about_the_site(site, database, read, clock):
    for link in ("/one", "/two"):
        site.serve(link, page(title=link, picture="logo.png", author=""), Content_Type="text/html")
    site.serve("/feed", feed(item(site.url + "/one", "One"), item(site.url + "/two", "Two")))
    read(clock())
    assert [story.summary for story in stories(database)].count(SUMMARY) == 1


def test_a_page_that_leads_to_the_front_page_says_nothing(site, database, read, clock):
    site.redirect("/old", site.url + "/")
    site.serve("/", page(title="Welcome"), Content_Type="text/html")
    site.serve("/feed", feed(item(site.url + "/old", "Old")))
    read(clock())
    assert stories(database)[0].summary == ""


def test_what_editors_write_has_no_page_read(site, database, pages, clock, tmp_path):
    (tmp_path / "a.md").write_text(f"---\ntitle: Ours\nlink: {site.url}/ours\n---\nShort.\n")
    gather(database, [FolderSource("own", tmp_path)], now=clock(), pages=pages)
    assert site.requests == []


def test_a_host_that_does_not_answer_is_left_alone_for_this_run(site, database, read, clock):
    site.serve("/feed", feed(*(item(f"{site.url}/{n}", str(n)) for n in range(5))))
    read(clock())
    assert requested(site) == ["/0", "/1", "/2"]


def test_a_look_at_a_source_reads_no_page_a_second_time(site, database, pages, read, clock):
    site.serve("/bridge", page(), Content_Type="text/html")
    site.serve("/feed", feed(item(site.url + "/bridge")))
    source = FeedSource("posts", site.url + "/feed", timeout=5, allow_private=True)
    for _ in range(2):
        stories_now = source.read(Memory()).stories
        (story,) = filled(database, pages, stories_now, section="posts", now=clock())
        assert (story.summary, story.author) == (SUMMARY, "Nia Prys")
    read(clock())
    assert stories(database)[0].author == "Nia Prys"
    assert requested(site) == ["/bridge"]
