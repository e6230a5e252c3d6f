"""Each format is found out by what an address answers, and read by its own rules."""

import gzip
import json

import pytest

from emag.content.sources import Memory, hosted
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jobs import JobsSource
from emag.content.story import Kind
from emag.errors import SourceError

URL = "https://news.example/list"
ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Ferry returns &amp; sails",
    "url": "/ferry",
    "datePublished": "2026-03-02T08:00:00Z",
    "description": "The ferry sails again from Monday, after two years of repairs in the dock.",
    "author": [{"@type": "Person", "name": "Ines Quill"}, {"@type": "Organization", "name": "N"}],
    "image": {"@type": "ImageObject", "url": "/ferry.jpg", "caption": "The ferry"},
}
EVENT = {
    "@type": "MusicEvent",
    "name": "Brass at the quay",
    "url": "https://news.example/brass",
    "startDate": "2026-06-04T19:30:00+01:00",
    "location": {"@type": "Place", "name": "The Quay", "address": {"addressLocality": "Hull"}},
}
JOB = {
    "@type": "JobPosting",
    "title": "Web editor",
    "url": "/jobs/9",
    "description": "<p>Closing date: 14 March 2026</p>",
}
POST = {
    "id": 7,
    "date_gmt": "2026-03-01T10:00:00",
    "guid": {"rendered": "https://board.example/?p=7"},
    "link": "https://board.example/job/press-officer/",
    "title": {"rendered": "Press officer &#8211; Harbour"},
    "content": {"rendered": "<p>We look after the harbour. Apply by 14 March 2026.</p>"},
    "type": "job_listing",
    "meta": {
        "_job_location": "York",
        "_company_name": "Ferry Co",
        "_job_salary": "30000",
        "_job_salary_currency": "GBP",
        "_job_salary_unit": "YEAR",
        "_remote_position": 1,
        "_filled": 0,
    },
    "_embedded": {
        "author": [{"name": "Ines Quill"}],
        "wp:featuredmedia": [
            {
                "source_url": "https://board.example/a.jpg",
                "alt_text": "The quay",
                "media_details": {"width": 900, "height": 600},
            }
        ],
        "wp:term": [
            [{"name": "Part Time", "taxonomy": "job_listing_type"}],
            [{"name": "Media", "taxonomy": "job_listing_category"}],
        ],
    },
}
LEVER = {
    "text": "Press officer",
    "hostedUrl": "https://board.example/7",
    "description": "<p>You write.</p>",
    "lists": [{"text": "You bring", "content": "<li>Ears</li>"}],
    "additional": "<p>Closing date: 14 March 2026</p>",
}
GREENHOUSE = {"title": "Press officer", "absolute_url": "https://board.example/7"}
RSS = """<rss version="2.0"><channel><title>N</title><item><title>A</title>
<link>https://news.example/a</link></item></channel></rss>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [{"url": URL + "/1", "id": "1"}],
}
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = f"""<?xml version="1.0"?><urlset {NS}
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example/a</loc><lastmod>2026-03-03</lastmod>
 <news:news><news:publication><news:name>N</news:name></news:publication>
 <news:publication_date>2026-03-02T08:00:00Z</news:publication_date>
 <news:title>Ferry &amp; quay</news:title></news:news>
 <image:image><image:loc>https://news.example/a.jpg</image:loc><image:title>No</image:title>
 </image:image></url>
<url><loc>javascript:alert(1)</loc><news:news><news:title>Hostile</news:title></news:news></url>
</urlset>"""
PLAIN = f"""<urlset {NS}><url><loc>https://news.example/old</loc><lastmod>2026-01-01</lastmod></url>
<url><loc>https://news.example/new</loc><lastmod>2026-03-01T09:00:00+00:00</lastmod></url>
<url><loc>https://news.example/undated</loc></url></urlset>"""


def page_of(*nodes, head=""):
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes
    )
    return f"<!doctype html><html><head><title>News</title>{head}{scripts}</head></html>".encode()


def listed(*items):
    return {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, **item} for n, item in enumerate(items)
        ],
    }


def read(body, *, kind="feed", name="", url=URL, content_type=""):
    raw = body.encode() if isinstance(body, str) else body
    raw = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    source = {"feed": FeedSource, "jobs": JobsSource}[kind]("s", URL, format=name)
    return source.stories(FetchedPage(url, raw, content_type, Memory()))


@pytest.mark.parametrize(
    ("body", "kind", "name", "stories"),
    [
        (RSS, "feed", "feed", 1),
        (JSON_FEED, "feed", "json-feed", 0),
        ([POST], "feed", "wordpress", 1),
        ([POST], "jobs", "wordpress", 1),
        ({"jobs": [GREENHOUSE]}, "jobs", "greenhouse", 1),
        ({"jobs": []}, "jobs", "greenhouse", 0),
        ([LEVER], "jobs", "lever", 1),
        ([{"title": "Media", "postings": [LEVER]}], "jobs", "lever", 1),
        ({"departments": [{"name": "Media", "jobs": [GREENHOUSE]}]}, "jobs", "greenhouse", 1),
        (page_of(ARTICLE), "feed", "schema.org", 1),
        (page_of({"@graph": [ARTICLE, EVENT, JOB]}), "feed", "schema.org", 2),
        (page_of({"@graph": [ARTICLE, EVENT, JOB]}), "jobs", "schema.org", 1),
        (page_of(listed({"item": ARTICLE}, {"item": EVENT})), "feed", "schema.org", 2),
        (page_of({"@type": "Blog", "blogPost": [ARTICLE]}), "feed", "schema.org", 1),
        (page_of(ARTICLE | {"@type": "https://schema.org/Article"}), "feed", "schema.org", 1),
        (page_of({"@type": "CollectionPage", "mainEntity": listed({"item": ARTICLE})}), "feed",
         "schema.org", 1),
        ({"@type": "Blog", "blogPost": [ARTICLE]}, "feed", "schema.org", 1),
        (b"\xef\xbb\xbf\n<!-- a --><html>" + page_of(ARTICLE)[15:], "feed", "schema.org", 1),
        (NEWS, "feed", "sitemap", 1),
        (PLAIN, "feed", "sitemap", 0),
        (PLAIN.replace("<url", "<s:url").replace("</url", "</s:url").replace("xmlns=", "xmlns:s=")
         .replace("<loc", "<s:loc").replace("</loc", "</s:loc"), "feed", "sitemap", 0),
    ],
)  # fmt: skip
def test_a_format_is_found_out(body, kind, name, stories):
    reading = read(body, kind=kind)
    assert (reading.format, len(reading.stories)) == (name, stories)
    again = read(body, kind=kind, name=name)
    assert again == reading


@pytest.mark.parametrize(
    ("body", "kind", "name", "sentence"),
    [
        ([], "jobs", "", "an empty list is served there"),
        ([], "jobs", "greenhouse", None),
        ([], "jobs", "lever", None),
        ([], "feed", "wordpress", None),
        ({"code": "rest_no_route", "message": "No route"}, "feed", "wordpress", "WordPress"),
        ([LEVER], "feed", "", "kind = “jobs”"),
        (RSS, "jobs", "lever", "JSON"),
        (RSS, "feed", "schema.org", "describes no stories"),
        (RSS, "feed", "sitemap", "is no sitemap"),
        (page_of(), "feed", "", "a web page is served there, not a feed"),
        (page_of({"@type": "BreadcrumbList", "itemListElement": [{"item": URL + "/a"}]}), "feed",
         "", "a web page is served there"),
        (page_of(listed({"item": {"@type": "SiteNavigationElement", "url": "/about"}})), "feed",
         "", "a web page is served there"),
        (page_of(head='<link rel="alternate" type="application/rss+xml" href="/rss">'), "feed",
         "", "https://news.example/rss"),
        (f"<urlset {NS}><url><loc>https://news.example/a</loc></url></urlset>", "feed", "",
         "does not say when"),
        (f'<!DOCTYPE a [<!ENTITY e "x">]><urlset {NS}><url><loc>&e;</loc></url></urlset>', "feed",
         "", "entities"),
        (f"<urlset {NS}><url", "feed", "", "no sitemap that can be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_or_read_gets_a_sentence(body, kind, name, sentence):
    if sentence is None:
        assert read(body, kind=kind, name=name).stories == ()
        return
    with pytest.raises(SourceError, match=sentence):
        read(body, kind=kind, name=name)


def test_a_list_of_articles_and_events():
    article, event = read(page_of({"@graph": [ARTICLE, EVENT]})).stories
    assert (article.kind, article.link) == (Kind.POST, "https://news.example/ferry")
    assert (article.title, article.author) == ("Ferry returns & sails", "Ines Quill")
    assert article.published.isoformat() == "2026-03-02T08:00:00+00:00"
    assert (article.picture.url, article.picture.alt) == (
        *("https://news.example/ferry.jpg", "The ferry"),
    )
    assert (event.kind, event.place) == (Kind.EVENT, "The Quay, Hull")
    assert event.starts.isoformat() == "2026-06-04T18:30:00+00:00"


def test_one_hostile_object_costs_no_other():
    odd = {"@type": "Article", "headline": {"a": 1}, "url": ["x"], "author": 7, "image": [[[]]]}
    reading = read(
        page_of({"@graph": [ARTICLE, odd, EVENT | {"startDate": 5}, EVENT | {"url": ""}]})
    )
    assert [s.title for s in reading.stories][:1] == ["Ferry returns & sails"]
    assert reading.refused == 2
    assert "has no link" in " ".join(reading.notes)


@pytest.mark.parametrize(
    ("item", "links"),
    [
        ({"url": "/a"}, ("https://news.example/a",)),
        ({"item": "https://other.example/a#top"}, ("https://other.example/a",)),
        ({"item": {"@id": "https://news.example/a"}}, ("https://news.example/a",)),
        ({"item": {"@type": "WebPage", "url": "/a", "name": "A"}}, ("https://news.example/a",)),
        ({"item": {"@type": "Event", "url": "/a", "name": "A"}}, ("https://news.example/a",)),
        ({"item": {"@type": "Event", "url": "/a", "startDate": "2026-06-04"}}, None),
        ({"url": "#part"}, None),
        ({"url": "/"}, None),
        ({"url": "mailto:ann@news.example"}, None),
        ({"url": ["/a"]}, None),
        ({"url": "https://[broken"}, None),
    ],
)
def test_pages_that_are_only_named_are_followed(item, links):
    reading = read(page_of(listed(item, {"url": "/z"})))
    assert reading.links.addresses == (*(links or ()), "https://news.example/z")
    assert not reading.links.are_jobs
    assert not reading.links.may_be_anything


def test_a_vacancy_of_wordpress():
    (story,) = read([POST], kind="jobs").stories
    job = story.vacancy
    assert (story.title, story.published.isoformat()) == (
        *("Press officer – Harbour", "2026-03-01T10:00:00+00:00"),
    )
    assert (job.employer, job.place, job.closes.isoformat()) == ("Ferry Co", "York", "2026-03-14")
    assert (job.salary, job.working, job.hours) == ("£30,000 a year", "remote", "part time")
    assert (story.picture.url, story.picture.alt) == ("https://board.example/a.jpg", "The quay")
    assert story.categories == ("Media",)
    filled = POST | {"meta": {"_filled": 1}}
    assert "filled" in read([filled], kind="jobs").stories[0].body


def test_the_whole_advert_of_lever():
    (story,) = read([LEVER], kind="jobs").stories
    assert story.vacancy.closes.isoformat() == "2026-03-14"
    assert "<li>Ears</li>" in story.body


def test_a_sitemap_of_news():
    (story,) = read(NEWS).stories
    assert (story.title, story.picture.url) == ("Ferry & quay", "https://news.example/a.jpg")
    assert story.published.isoformat() == "2026-03-02T08:00:00+00:00"
    assert read(NEWS).refused == 1


def test_a_sitemap_of_pages_names_those_that_changed_last_first():
    for reading in (
        read(PLAIN),
        read(gzip.compress(PLAIN.encode()), url="https://news.example/map.xml.gz"),
    ):
        assert reading.links.addresses == ("https://news.example/new", "https://news.example/old")
        assert reading.links.may_be_anything
    assert read(PLAIN, kind="jobs").links.are_jobs


def test_a_list_of_sitemaps_leads_to_those_of_stories(site):
    part = "<sitemap><loc>{}</loc><lastmod>{}</lastmod></sitemap>"
    named = {"page": 9, "post": 1, "news": 2, "category": 8}
    parts = "".join(
        part.format(f"{site.url}/{name}-sitemap.xml", f"2026-03-0{day}")
        for name, day in named.items()
    )
    site.serve("/map.xml", f"<sitemapindex {NS}>{parts}</sitemapindex>")
    site.serve("/news-sitemap.xml", NEWS)
    site.serve("/post-sitemap.xml", PLAIN)
    source = FeedSource("s", f"{site.url}/map.xml", allow_private=True)
    reading = source.read(Memory())
    assert [path for path, _ in site.requests] == [
        *("/map.xml", "/news-sitemap.xml", "/post-sitemap.xml"),
    ]
    assert [story.title for story in reading.stories] == ["Ferry & quay"]
    assert len(reading.links.addresses) == 2
    assert not source.read(reading.memory).unchanged  # its parts may have changed
    site.serve("/post-sitemap.xml", "", status=500)  # one part costs no other
    assert source.read(Memory()).stories
    site.serve("/news-sitemap.xml", "", status=500)
    with pytest.raises(SourceError, match="HTTP 500"):
        source.read(Memory())


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://boards.greenhouse.io/ferry",
         "https://boards-api.greenhouse.io/v1/boards/ferry/jobs?content=true"),
        ("https://job-boards.eu.greenhouse.io/ferry/",
         "https://boards-api.eu.greenhouse.io/v1/boards/ferry/jobs?content=true"),
        ("https://boards.greenhouse.io/embed/job_board?for=ferry&b=1",
         "https://boards-api.greenhouse.io/v1/boards/ferry/jobs?content=true"),
        ("https://jobs.lever.co/ferry?team=Media",
         "https://api.lever.co/v0/postings/ferry?mode=json"),
        ("https://jobs.eu.lever.co/ferry", "https://api.eu.lever.co/v0/postings/ferry?mode=json"),
        ("https://jobs.lever.co/ferry/123", "https://jobs.lever.co/ferry/123"),
        ("https://news.example/jobs.lever.co/ferry", "https://news.example/jobs.lever.co/ferry"),
    ],
)  # fmt: skip
def test_the_page_of_a_hosted_board_is_read_where_programs_can(address, expected):
    assert hosted.for_programs(address) == expected
