"""Pages that a source only names are read from a real site, each once and few at a time."""

import json

import pytest

from emag.content import following, store
from emag.content.gather import gather
from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.jobs import JobsSource
from emag.content.sources.pages import WebPages
from emag.content.story import Kind


def page(node, *, head=""):
    script = f'<script type="application/ld+json">{json.dumps(node)}</script>' if node else ""
    return (
        f"<!doctype html><html><head><title>A page</title>{head}{script}</head><body></body></html>"
    )


def listed(*addresses):
    return page({"@type": "ItemList", "itemListElement": [{"url": a} for a in addresses]})


def article(title):
    return page({"@type": "Article", "headline": title, "description": f"{title}. " * 20})


def posting(title):
    return page({"@type": "JobPosting", "title": title, "validThrough": "2026-04-01"})


@pytest.fixture
def read(site, database):
    pages = WebPages(allow_private=True, base_url="https://emag.example")

    def read(now, *, kind=FeedSource):
        source = kind("s", f"{site.url}/list", "posts", allow_private=True)
        (gathered,) = gather(database, [source], now=now, pages=pages)
        return gathered

    return read


def stories(database):
    with database.reading() as conn:
        return {c.story.title: c.story for c in store.candidates(conn)}


def requested(site):
    paths = [path for path, _ in site.requests if path != "/list"]
    site.requests.clear()
    return paths


def test_the_pages_of_a_list_become_stories(site, database, read, clock):
    site.serve("/list", listed("/a", "/b", "/c", "/gone", "/about"), Content_Type="text/html")
    site.serve("/a", article("Ferry"), Content_Type="text/html")
    site.serve("/b", posting("Web editor"), Content_Type="text/html")
    event = {"@type": "Event", "name": "Brass", "startDate": "2026-06-04T19:30:00Z"}
    site.serve("/c", page(event), Content_Type="text/html")
    site.serve("/about", page(None), Content_Type="text/html")
    first = read(clock())
    assert (first.entries, first.new, first.refused) == (5, 3, 2)
    assert all(name in " ".join(first.notes) for name in ("/gone", "/about"))
    kinds = {title: story.kind for title, story in stories(database).items()}
    assert kinds == {"Ferry": Kind.POST, "Web editor": Kind.JOB, "Brass": Kind.EVENT}
    assert sorted(requested(site)) == ["/a", "/about", "/b", "/c", "/gone"]
    again = read(clock.forward(hours=1))
    assert (again.entries, again.new, again.changed) == (5, 0, 0)
    assert requested(site) == []
    site.serve("/gone", article("Quay"), Content_Type="text/html")
    assert read(clock.forward(days=1)).new == 1  # what could not be read is tried once a day
    assert sorted(requested(site)) == ["/about", "/gone"]


def test_ten_pages_of_a_host_are_read_in_a_minute(site, database, read, clock):
    names = [f"/{n}" for n in range(14)]
    site.serve("/list", listed(*names), Content_Type="text/html")
    for name in names:
        site.serve(name, article(f"Story {name}"), Content_Type="text/html")
    assert (read(clock()).new, requested(site)) == (10, names[:10])
    assert (read(clock.forward(seconds=30)).new, requested(site)) == (0, [])
    assert (read(clock.forward(minutes=2)).new, requested(site)) == (4, names[10:])
    assert len(stories(database)) == 14
    gathered = read(clock.forward(minutes=2))  # now it is known, and unchanged
    assert (gathered.entries, gathered.new, requested(site)) == (14, 0, [])


def test_a_vacancy_that_a_list_only_names_gets_its_terms_from_its_page(site, database, read, clock):
    named = {"@type": "JobPosting", "title": "Web editor", "url": "/job"}
    site.serve("/list", page({"@graph": [named]}), Content_Type="text/html")
    assert read(clock(), kind=JobsSource).new == 1  # its page is not there yet
    assert stories(database)["Web editor"].vacancy.closes is None
    site.serve("/job", posting("Web editor"), Content_Type="text/html")
    assert read(clock.forward(days=1), kind=JobsSource).changed == 1
    assert stories(database)["Web editor"].vacancy.closes.isoformat() == "2026-04-01"


def test_pages_of_a_sitemap_that_tell_no_story_are_no_fault(site, database, read, clock):
    urls = "".join(
        f"<url><loc>{site.url}/{name}</loc><lastmod>2026-03-01</lastmod></url>"
        for name in ("a", "about", "gone")
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    site.serve("/list", f'<urlset xmlns="{space}">{urls}</urlset>')
    site.serve("/about", page(None), Content_Type="text/html")
    dated = '<meta property="article:published_time" content="2026-03-01T08:00:00Z">'
    site.serve("/a", page(None, head=dated), Content_Type="text/html")
    gathered = read(clock())
    assert (gathered.entries, gathered.new, gathered.refused, gathered.notes) == (3, 1, 0, ())
    requested(site)
    assert read(clock.forward(days=3)).entries == 3
    assert requested(site) == []


def test_private_pages_of_a_public_list_are_not_asked(site, database, clock):
    site.serve("/list", listed("/a"), Content_Type="text/html")
    site.serve("/a", article("Secret"), Content_Type="text/html")
    pages = WebPages(allow_private=False, base_url="https://emag.example")
    source = FeedSource("s", f"{site.url}/list", allow_private=True)
    (gathered,) = gather(database, [source], now=clock(), pages=pages)
    assert (gathered.refused, requested(site), stories(database)) == (1, [], {})


def test_a_check_shows_the_pages_and_says_what_waits(site, database, clock):
    names = [f"/{n}" for n in range(12)]
    site.serve("/list", listed(*names), Content_Type="text/html")
    for name in names:
        site.serve(name, article(f"Story {name}"), Content_Type="text/html")
    source = FeedSource("s", f"{site.url}/list", allow_private=True)
    pages = WebPages(allow_private=True, base_url="https://emag.example")
    readings = [(source, source.read(Memory()))]
    (followed,) = following.follow(database, pages, readings, now=clock())
    assert (len(followed.reading.stories), followed.waiting) == (10, 2)
