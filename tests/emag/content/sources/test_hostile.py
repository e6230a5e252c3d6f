"""One hostile entry never costs the source its other entries."""

import json
from datetime import timedelta
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content import store
from emag.content.gather import gather
from emag.content.sources import Memory
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.folder import FolderSource
from emag.content.sources.jobs import JobsSource
from emag.content.story import to_dict

URL = "https://board.example/feed"
DIGITS = "9" * 4400  # Python refuses to read more than 4300 as a number

TEXTS = [
    "",
    f"£{DIGITS}",
    f"Salary £{DIGITS} – £{DIGITS} a year",
    f"closing date {DIGITS} March {DIGITS}",
    f"&#{DIGITS};",
    "&#xD800;",
    "&#x110000;",
    "&#0;",
    "\x00\ud800\udfff\ufffe\u202e",
    "<" * 3000,
    "<b>" * 3000,
    "[" * 3000,
    "9" * 300 + "e" + "9" * 300,
    "at " * 3000,
    "Editor (" * 2000,
    "x" * 200_000,
]
DATES = [
    "0001-01-01T00:00:00+14:00",
    "0001-01-01",
    "9999-12-31T23:59:59-14:00",
    "Mon, 01 Jan 0001 00:00:00 +0000",
    "Mon, 01 Jan 2026 00:00:00 +9999",
    "2026-02-30",
    DIGITS,
    f"{DIGITS}-01-01",
    "-1",
    "∞",
]
NUMBERS = [
    10**400,
    -(10**400),
    1e308,
    float("inf"),
    float("-inf"),
    float("nan"),
    -1,
    0,
    2**63,
    True,
]
texts = st.sampled_from(TEXTS) | st.text(max_size=50)
dates = st.sampled_from(DATES) | st.text(max_size=20)
numbers = st.sampled_from(NUMBERS) | st.integers() | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | texts | dates,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def nested(depth: int) -> object:
    value: object = "x"
    for _ in range(depth):
        value = [value]
    return value


def check(reading, *, entries=3):
    """Both good entries are stories, and the one between is a story or is counted as refused."""
    titles = [story.title for story in reading.stories]
    assert titles[0] == "First"
    assert titles[-1] == "Last"
    assert len(titles) + reading.refused == reading.entries == entries
    assert len(reading.notes) == reading.refused
    for story in reading.stories:
        stored = json.dumps(to_dict(story), ensure_ascii=False).encode()  # no lone surrogate
        assert b"\\u0000" not in stored
        assert story.fingerprint
        assert story.published is None or 1900 <= story.published.year < 2200


def read(source, body: bytes, content_type=""):
    return source("s", URL).stories(FetchedPage(URL, body, content_type, Memory()))


def rss(hostile: str) -> bytes:
    def item(title: str, inner: str = "") -> str:
        return f"<item><title>{title}</title><link>{URL}/{title}</link>{inner}</item>"

    text = f"{item('First')}{hostile}{item('Last')}"
    feed = f'<rss version="2.0"><channel><title>t</title>{text}</channel></rss>'
    return feed.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("source", [FeedSource, JobsSource])
@given(title=texts, body=texts, date=dates, guid=texts, escaped=st.booleans())
def test_rss(source, title, body, date, guid, escaped):
    wrap = escape if escaped else lambda text: text.replace("<", "&lt;").replace("]]>", "")
    inner = f"<title>{wrap(title)}</title><description>{wrap(body)}</description>"
    inner += f"<pubDate>{escape(date)}</pubDate><guid>{escape(guid)}</guid><link>{URL}/x</link>"
    check(read(source, rss(f"<item>{inner}</item>")))


@given(
    fields=st.dictionaries(
        st.sampled_from(
            [
                "url",
                "id",
                "title",
                "summary",
                "content_html",
                "content_text",
                "date_published",
                "authors",
                "author",
                "tags",
                "image",
                "attachments",
                "date_modified",
                "banner_image",
            ]
        ),
        values,
    )
)
def test_json_feed(fields):
    items = [{"url": f"{URL}/1", "title": "First"}, fields, {"url": f"{URL}/2", "title": "Last"}]
    check(read(FeedSource, json.dumps({"title": "\x00t\ud800", "items": items}).encode()))


VACANCY = ["title", "name", "url", "@id", "description", "datePosted", "validThrough",
           "baseSalary", "jobLocation", "jobLocationType",
           "hiringOrganization", "sameAs", "identifier"]  # fmt: skip


@given(
    fields=st.dictionaries(st.sampled_from(VACANCY), values),
    salary=st.fixed_dictionaries(
        {"currency": texts},
        optional={
            "value": st.fixed_dictionaries(
                {}, optional=dict.fromkeys(("value", "minValue", "maxValue", "unitText"), values)
            )
        },
    ),
)
def test_schema_org(fields, salary):
    vacancy = {
        "@type": "JobPosting",
        "title": "x",
        "url": f"{URL}/x",
        "baseSalary": salary,
    } | fields
    board = [
        {"@type": "JobPosting", "title": "First", "url": f"{URL}/1"},
        vacancy,
        {"@type": "JobPosting", "title": "Last", "url": f"{URL}/2"},
    ]
    check(read(JobsSource, json.dumps(board).encode()))


@given(created=values, categories=values, text=texts)
def test_lever(created, categories, text):
    def post(title: str, **more: object) -> dict[str, object]:
        return {"hostedUrl": f"{URL}/{title}", "text": title, **more}

    hostile = post("x", createdAt=created, categories=categories, description=text)
    check(read(JobsSource, json.dumps([post("First"), hostile, post("Last")]).encode()))


@pytest.mark.parametrize("depth", [50, 900])
def test_deep_json(depth):
    item = {"url": f"{URL}/x", "title": "x", "authors": nested(depth), "@id": nested(depth)}
    items = [{"url": f"{URL}/1", "title": "First"}, item, {"url": f"{URL}/2", "title": "Last"}]
    check(read(FeedSource, json.dumps({"title": "t", "items": items}).encode()))


@given(front=st.dictionaries(st.sampled_from(
    ["date", "starts", "closes", "picture", "summary", "places", "salary", "categories", "kind"]),
    st.sampled_from([*DATES, "0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00", DIGITS,
                     "1e999", ".inf", "!!timestamp x", "[[[[", "&a [*a]", "job"])))  # fmt: skip
def test_folder(tmp_path_factory, front):
    folder = tmp_path_factory.mktemp("stories")
    lines = "".join(f"{name}: {value}\n" for name, value in front.items())
    for name, more in (("1", ""), ("2", lines), ("3", "")):
        title = {"1": "First", "2": "x", "3": "Last"}[name]
        text = f"---\ntitle: {title}\nlink: https://a.example/{name}\n{more}---\ntext £{DIGITS}\n"
        (folder / f"{name}.md").write_text(text)
    check(FolderSource("s", folder).read(Memory()))


def test_a_refused_entry_is_counted_and_named(database, clock, site):
    vacancies = [
        {"@type": "JobPosting", "title": "First", "url": f"{URL}/1"},
        {"@type": "JobPosting", "title": "No address"},
        {"@type": "JobPosting", "title": "Last", "url": f"{URL}/2"},
    ]
    site.serve("/jobs", json.dumps(vacancies))
    source = JobsSource("jobs", site.url + "/jobs", allow_private=True)
    [outcome] = gather(database, [source], now=clock())
    assert (outcome.ok, outcome.entries, outcome.new, outcome.refused) == (True, 3, 2, 1)
    assert outcome.notes == ("“No address” has no link",)


def test_a_correction_of_the_link_refreshes_the_story(database, clock, site):
    def serve(link: str, title: str = "A story") -> None:
        names = f"<guid isPermaLink='false'>id-1</guid><title>{title}</title><link>{link}</link>"
        item = f"<item>{names}</item>"
        site.serve("/feed", f"<rss version='2.0'><channel><title>t</title>{item}</channel></rss>")

    source = FeedSource("posts", site.url + "/feed", allow_private=True)
    serve("https://a.example/wrong")
    gather(database, [source], now=clock())
    serve("https://a.example/right", "A story, corrected")
    [outcome] = gather(database, [source], now=clock())
    assert (outcome.new, outcome.changed) == (0, 1)
    with database.reading() as conn:
        [candidate] = store.candidates(conn)
    assert (candidate.story.link, candidate.story.title) == (
        "https://a.example/right",
        "A story, corrected",
    )
    [outcome] = gather(database, [source], now=clock.forward(hours=1))
    assert (outcome.new, outcome.changed) == (0, 0)


def test_entries_that_share_a_guid_are_stories_of_their_own(database, clock, site):
    items = "".join(
        f"<item><guid>same</guid><title>{n}</title><link>https://a.example/{n}</link></item>"
        for n in (1, 2)
    )
    site.serve("/feed", f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>")
    source = FeedSource("posts", site.url + "/feed", allow_private=True)
    for _ in range(2):
        gather(database, [source], now=clock())
        clock.at += timedelta(hours=1)
    with database.reading() as conn:
        assert len(store.candidates(conn)) == 2
