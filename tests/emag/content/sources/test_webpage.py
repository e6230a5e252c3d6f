"""What a web page says of itself, in good markup and in hostile."""

import json
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from emag.content.sources import Memory
from emag.content.sources.entry import Unusable
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.pages import page_story
from emag.content.story import Kind

URL = "https://council.example/news/bridge?utm_source=x"


def read(markup, *, url=URL, section="posts", content_type="text/html; charset=utf-8"):
    body = markup if isinstance(markup, bytes) else markup.encode()
    page = FetchedPage(url, body, content_type, Memory())
    return page_story(page, source="by hand", section=section)


def meta(**values):
    return "".join(
        f'<meta property="{name.replace("__", ":")}" content="{value}">'
        for name, value in values.items()
    )


def linked(**data):
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_open_graph():
    story = read(
        "<html><head><title>The bridge opens | Council News</title>"
        + meta(
            og__title="The bridge opens | Council News",
            og__site_name="Council News",
            og__description="After six years the bridge is open. A band will [...]",
            og__image="/media/bridge.jpg",
            og__image__alt="People on the bridge",
            og__image__width="1200",
            og__image__height="630",
            article__published_time="2026-03-04T09:30:00+00:00",
            author="By Carolyne Mitchell",
        )
        + "</head><body>…</body></html>"
    )
    assert (story.title, story.summary) == (
        "The bridge opens",
        "After six years the bridge is open.",
    )
    assert (story.picture.url, story.picture.alt, story.picture.width) == (
        "https://council.example/media/bridge.jpg",
        "People on the bridge",
        1200,
    )
    assert story.published == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    assert (story.author, story.link, story.kind) == (
        "Carolyne Mitchell",
        "https://council.example/news/bridge",
        Kind.POST,
    )
    assert story.body == ""


def test_json_ld_with_references():
    story = read(
        linked(
            **{
                "@graph": [
                    {"@type": "WebPage", "description": "Not this one"},
                    {
                        "@type": ["NewsArticle"],
                        "headline": "Caf&eacute; &amp; bridge",
                        "description": "It opens in May.",
                        "datePublished": "2026-03-01",
                        "author": [{"@id": "#ann"}, {"@type": "Person", "name": "Ben Okri"}],
                        "image": {"@id": "#picture"},
                    },
                    {"@type": "Person", "@id": "#ann", "name": "Ann Li"},
                    {"@type": "ImageObject", "@id": "#picture", "url": "https://x.example/1.png"},
                ]
            }
        )
    )
    assert (story.title, story.summary) == ("Café & bridge", "It opens in May.")
    assert (story.author, story.picture.url) == ("Ann Li and Ben Okri", "https://x.example/1.png")
    assert story.published == datetime(2026, 3, 1, tzinfo=UTC)


def test_a_page_without_meta_elements_gives_its_heading_and_first_paragraph():
    story = read(
        "<title>A new bridge – Council – Home</title><body><nav><p>Skip to the content of this"
        " page, which is far longer than a link</p></nav><main><h1>A new <em>bridge</em></h1>"
        "<p>By Ann</p><p>It took six years and three contractors, but on Monday the ferry stops for"
        " good.</p></main>"
    )
    assert story.title == "A new bridge"
    assert story.summary.startswith("It took six years")


@pytest.mark.parametrize(
    "name", ["admin", "web.editor", "Unknown", "jsmith2", "a@b.example", "https://x.example/ann"]
)
def test_an_account_is_no_byline(name):
    story = read(
        "<title>x</title>"
        + meta(author=name)
        + linked(**{"@type": "Article", "author": {"name": name}})
    )
    assert story.author == ""


def test_the_site_is_no_author():
    page = meta(og__title="x", og__site_name="Council", author="Council")
    assert read(page).author == ""
    council = {"@type": "Organization", "name": "Council"}
    assert read("<title>x</title>" + linked(**{"@type": "Article", "author": council})).author == ""


@pytest.mark.parametrize(
    ("canonical", "link"),
    [
        ("/news/the-bridge", "https://council.example/news/the-bridge"),
        ("https://www.council.example/b", "https://www.council.example/b"),
        ("https://council.example/", "https://council.example/news/bridge"),  # the front page
        ("https://elsewhere.example/b", "https://council.example/news/bridge"),
        ("javascript:alert(1)", "https://council.example/news/bridge"),
    ],
)
def test_the_page_names_its_own_address(canonical, link):
    assert read(f'<title>x</title><link rel="canonical" href="{canonical}">').link == link


def test_a_vacancy():
    page = "<title>Jobs</title>" + linked(
        **{
            "@type": "JobPosting",
            "title": "Press officer",
            "description": "<p>You write. Salary £30,000 a year.</p>",
            "hiringOrganization": {"name": "Exampleton Council"},
            "jobLocation": {"address": {"addressLocality": "Exampleton"}},
            "validThrough": "2026-03-20",
        }
    )
    job = read(page, section="")
    assert (job.kind, job.title) == (Kind.JOB, "Press officer")
    assert (job.vacancy.employer, job.vacancy.place) == ("Exampleton Council", "Exampleton")
    assert job.vacancy.closes == date(2026, 3, 20)


def test_a_page_for_the_jobs_section_without_a_posting():
    page = "<h1>Press officer, Exampleton Council</h1><main><p>Closing date: 20 March 2026.</p>"
    job = read(page, section="jobs")
    assert (job.vacancy.role, job.vacancy.employer) == ("Press officer", "Exampleton Council")
    assert job.vacancy.closes == date(2026, 3, 20)


def test_an_event():
    page = linked(
        **{
            "@type": "BusinessEvent",
            "name": "Meet the writers",
            "startDate": "2026-05-01T10:00+01:00",
            "location": {"@type": "Place", "name": "Town Hall"},
        }
    )
    event = read(page, section="")
    assert (event.kind, event.place) == (Kind.EVENT, "Town Hall")
    assert event.starts == datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Fish &amp; chips", "Fish & chips"),
        ("Fish &amp;amp; chips &amp;#8217;", "Fish & chips ’"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),  # text, not markup
        ("a \x00\u202e b", "a b"),
        ("5 &lt; 6", "5 < 6"),
    ],
)
def test_entities(written, title):
    assert read(meta(og__title=written)).title == title


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Café</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ('<meta charset="windows-1252"><title>Café</title>'.encode("cp1252"), "text/html"),
        ("<title>Café</title>".encode("cp1252"), "text/html; charset=utf-8"),
        ("<title>Café</title>".encode(), "text/html; charset=nonsense"),
    ],
)
def test_encodings(body, content_type):
    assert read(body, content_type=content_type).title == "Café"


def test_quotes_and_brackets_in_attributes():
    page = (
        "<!-- <meta property='og:title' content='commented'> -->"
        '<script>var x = \'<meta property="og:title" content="scripted">\'</script>'
        "<META CONTENT='He said \"1 > 0\"' PROPERTY=og:title>"
        "<meta name=description content=It's>"
    )
    story = read(page)
    assert (story.title, story.summary) == ('He said "1 > 0"', "It's")


def test_a_page_without_a_title_or_text_is_no_story():
    for empty in ("", "<html></html>", "<title></title><body><img src=x></body>", "\0\0\0"):
        with pytest.raises(Unusable):
            read(empty)


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<meta ",
        '<meta content="',
        "<meta content='x\" ",
        "<a" * 3,
        "<script>",
        "<title>",
        "<h1>",
        "<div><article>",
        '<script type="application/ld+json">{"@type":"Article","headline":',
        "<time datetime=",
        "&amp;#",
        "<link rel=canonical href=x>",
    ],
)
def test_a_huge_hostile_page_takes_no_time(piece):
    page = "<title>x</title>" + piece * (2_000_000 // len(piece))
    started = time.perf_counter()
    with suppress(Unusable):
        read(page)
    assert time.perf_counter() - started < 100


def test_payloads_stay_text(corpus):
    payloads = json.loads((Path(corpus) / "hostile" / "xss_payloads.json").read_text())
    texts = [p if isinstance(p, str) else p.get("payload", "") for p in payloads]
    assert len(texts) > 100
    for payload in texts:
        page = f"<title>A title</title><p>{payload}</p>" + linked(
            **{"@type": "Article", "headline": payload, "author": payload, "image": payload}
        )
        story = read(page)
        assert story.body == ""
        assert story.link == "https://council.example/news/bridge"
        assert story.picture is None or story.picture.url.startswith(("https://", "http://127."))
