"""Captured feeds, hostile files and boards of others, read whole; skipped where they are not."""

import json
import re
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest

from emag.content.gather import gather
from emag.content.sources import Memory, clean
from emag.content.sources.entry import EntryText, story
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jobs import JobsSource, particulars
from emag.content.sources.syndication import read as read_feed
from emag.content.story import canonical
from emag.content.vacancies.headline import read as read_headline
from emag.errors import SourceError

URL = "https://site.example/feed"
FEED = FeedSource("feed", URL)

# One parser gave up on items inside an unclosed element; they are read here.
COUNTED_OTHERWISE = {"feedjira__ITunesWithSingleQuotedAttributes.xml": 3}
# Links that no reader could follow: their entries are noted.
NO_WEB_ADDRESS = ("tag:",)


def page(file) -> FetchedPage:
    return FetchedPage(URL, file.read_bytes(), "", Memory())


@pytest.fixture
def labels(corpus):
    lines = (corpus / "feeds" / "labels.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_labelled_feed_has_its_count_and_title(corpus, labels):
    for label in labels:
        if label["kind"] == "reject-or-degrade":
            continue
        reading = FEED.stories(page(corpus / "feeds" / label["file"]))
        assert reading.entries == len(reading.stories) + len(reading.notes)
        if label.get("count") is not None:
            wanted = COUNTED_OTHERWISE.get(label["file"], label["count"])
            assert reading.entries == wanted, label["file"]
        if label.get("title"):
            assert reading.title == clean.line(label["title"]), label["file"]


def test_the_first_items_are_as_labelled(corpus, labels):
    checked = Counter()
    for label in labels:
        if not label.get("first_items"):
            continue
        reading = FEED.stories(page(corpus / "feeds" / label["file"]))
        for item in label["first_items"]:
            if not item.get("link") or item["link"].startswith(NO_WEB_ADDRESS):
                continue
            matches = _with_link(reading.stories, item["link"])
            assert matches, (label["file"], item["link"])
            checked["links"] += 1
            if item.get("title"):
                assert clean.text_of(item["title"]) in {s.title for s in matches}, label["file"]
                checked["titles"] += 1
            if item.get("date"):
                wanted = datetime.fromisoformat(item["date"]).replace(microsecond=0)
                dates = {s.published.replace(microsecond=0) for s in matches if s.published}
                assert wanted in dates, (label["file"], item)
                checked["dates"] += 1
    assert checked == {"links": 238, "titles": 237, "dates": 227}


def _with_link(stories, link):
    """By its address; a relative one has lost its base in the label, so by how it ends."""
    form = canonical(urljoin(URL, link))
    ending = "/" + link.lstrip("/")
    relative = "://" not in link
    return [
        s
        for s in stories
        if s.link == form or (relative and (s.link.endswith(ending) or s.link == _encoded(s, link)))
    ]


def _encoded(story, link):
    return canonical(urljoin(story.link, "/" + link))


def test_what_is_to_be_refused_is_refused(corpus, labels):
    refused = [label["file"] for label in labels if label["kind"] == "reject-or-degrade"]
    assert len(refused) == 4
    for file in refused:
        with pytest.raises(SourceError):
            FEED.stories(page(corpus / "feeds" / file))


def test_a_second_gather_of_all_labelled_feeds_adds_nothing(corpus, labels, site, database, clock):
    sources = []
    for number, label in enumerate(labels):
        url = site.serve(f"/{number}", (corpus / "feeds" / label["file"]).read_bytes())
        sources.append(FeedSource(f"s{number}", url, timeout=20, allow_private=True))
    first = gather(database, sources, now=clock())
    assert sum(g.ok for g in first) == len(labels) - 4
    assert sum(g.new for g in first) > 800
    again = gather(database, sources, now=clock.forward(hours=1))
    assert [(g.entries, g.ok) for g in again] == [(g.entries, g.ok) for g in first]
    assert sum(g.new + g.changed for g in again) == 0


def test_the_same_bytes_parsed_anew_are_the_same_stories(corpus, labels):
    for label in labels:
        if label["kind"] != "reject-or-degrade":
            file = page(corpus / "feeds" / label["file"])
            assert FEED.stories(file) == FEED.stories(file)


def test_what_another_translator_expects(corpus):
    pairs = sorted((corpus / "feeds" / "gofeed_translator").glob("*.xml"))
    assert len(pairs) == 39
    for file in pairs:
        expected = json.loads(file.with_suffix(".expected.json").read_text())
        feed = read_feed(page(file))
        assert feed.title == (expected.get("title") or ""), file.name
        items = expected.get("items") or []
        assert len(feed.entries) == len(items), file.name
        for entry, item in zip(feed.entries, items, strict=True):
            if item.get("title"):
                assert entry.title.value == item["title"]
            if item.get("link"):
                assert entry.links[0] == item["link"]
            if item.get("authors"):
                assert entry.author == (item["authors"][0].get("name") or "")
            if when := item.get("publishedParsed") or item.get("updatedParsed"):
                assert entry.published == datetime.fromisoformat(when)


class _Dangers(HTMLParser):
    def __init__(self):
        super().__init__()
        self.parts = []

    def handle_starttag(self, tag, attrs):
        if tag not in clean._TAGS:
            self.parts.append(tag)
        for name, value in attrs:
            address = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or (name == "style" and value != "max-width:100%;height:auto"):
                self.parts.append(name)
            if name in {"href", "src"} and not address.startswith(("http:", "https:", "mailto:")):
                self.parts.append(address)

    def handle_comment(self, data):
        self.parts.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def dangers(markup):
    parser = _Dangers()
    parser.feed(markup)
    parser.close()
    return parser.parts


def test_no_feed_of_the_sanitising_set_gets_anything_dangerous_through(corpus):
    cleaned = 0
    for file in sorted((corpus / "feeds" / "feedparser_sanitize").iterdir()):
        for entry in read_feed(page(file)).entries:
            whole = replace(entry, links=("https://site.example/a",), title=EntryText("A title"))
            result, _ = story(whole, source="s", section="posts")
            assert dangers(result.body) == [], file.name
            cleaned += bool(result.body)
    assert cleaned > 150


def test_no_payload_survives(corpus):
    payloads = json.loads((corpus / "hostile" / "xss_payloads.json").read_text())
    assert len(payloads) == 112
    for payload in payloads:
        assert dangers(clean.clean(payload["payload"], base=URL).html) == [], payload["id"]


def test_no_naughty_string_breaks_anything(corpus):
    for text in json.loads((corpus / "hostile" / "naughty_strings.json").read_text()):
        line = clean.line(text)
        assert len(line.splitlines()) <= 1
        line.encode()
        read_headline(text)
        canonical(text)
        assert dangers(clean.clean(text, base=URL).html) == []


def test_hostile_xml_is_refused_at_once(corpus):
    for file in sorted((corpus / "hostile" / "xml").iterdir()):
        started = time.process_time()
        with pytest.raises(SourceError):
            FEED.stories(page(file))
        assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("folder", "files"),
    [
        ("feedparser_encoding", 35),
        ("feedparser_illformed", 3),
        ("validator", 428),
        ("cms_export", 3),
    ],
)
def test_no_file_does_more_than_be_refused(corpus, folder, files):
    paths = [file for file in sorted((corpus / "feeds" / folder).rglob("*")) if file.is_file()]
    assert len(paths) == files
    for file in paths:
        for source in (FEED, JobsSource("jobs", URL)):
            started = time.process_time()
            for survivor in _survived(source, file):
                # A post of WordPress's own interface is a story; a whole site is none.
                assert folder != "cms_export" or file.name.startswith("wp-api"), file.name
                assert dangers(survivor.body) == [], file.name
            assert time.process_time() - started < 20


def _survived(source, file):
    try:
        return source.stories(page(file)).stories
    except SourceError:
        return ()


def vacancies(file):
    jobs = JobsSource("jobs", URL)
    return [
        (s.vacancy.role, s.vacancy.employer, s.vacancy.place, s.link, s.published)
        for s in jobs.stories(page(file)).stories
    ]


def test_boards_hand_out_role_employer_place_link_and_date(corpus):
    jobs = corpus / "jobs"
    assert vacancies(jobs / "wpjm_feed.xml") == [
        (
            *("Sales Assistant", "NightOwl Consulting", "Philippines"),
            "https://jobicy.com/jobs/150234-sales-assistant",
            datetime(2026, 9, 5, 5, 30, 10, tzinfo=UTC),
        ),
        (
            *("Executive Assistant to the CEO", "Supabase", "APAC"),
            "https://jobicy.com/jobs/148922-executive-assitant-to-the-ceo",
            datetime(2026, 9, 9, 6, 20, 7, tzinfo=UTC),
        ),
    ]
    assert vacancies(jobs / "greenhouse_board.json") == [
        (
            *("Vault Designer", "", "NYC", "https://boards.greenhouse.io/vaulttec/jobs/127817"),
            datetime(2016, 1, 14, 15, 55, 28, tzinfo=UTC),
        )
    ]
    assert vacancies(jobs / "lever_postings.json") == [
        (
            *("Software Engineer", "", "San Francisco, CA", "https://jobs.lever.co/company/abc123"),
            datetime(2023, 1, 15, 18, 40, tzinfo=UTC),
        )
    ]


def test_postings_without_a_page_of_their_own_keep_their_facts(corpus):
    file = page(corpus / "jobs" / "schemaorg_jobposting.json")
    feed = FEED.entries(file, vacancies=True)
    facts = [particulars(e, title=e.title.value, text="") for e in feed.entries]
    assert [(f.role, f.employer, f.place, f.salary) for f in facts] == [
        ("Software Engineer", "", "Kirkland, WA", "100000"),
        ("electrician", "", "", ""),
        ("Systems Research Engineer", "", "", ""),
        ("Systems Research Engineer", "", "", ""),
        ("Mobile App Developer", "ACME Software", "", ""),
        ("Telecommute from anywhere in USA!", "", "", ""),
    ]
    assert [e.published and e.published.date() for e in feed.entries][:2] == [
        date(2011, 10, 31),
        None,
    ]
