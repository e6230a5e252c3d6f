"""A printed issue: its structure, its size, its text part."""

import re
import sys
import time
from datetime import UTC, datetime
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from emag.content.pictures.picture import StoredPicture, Use
from emag.press.compose import compose
from emag.press.plaintext import columns
from emag.settings import PictureSettings, Settings

HEADINGS = "//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6]"


@pytest.fixture
def tree(document, make):
    return make.tree(document.html)


def printed(settings, make, *parts, **changes):
    return make.tree(compose(make.issue(*parts, **changes), settings, now=make.at).whole.html)


def test_every_pick_is_printed(document, issue, make):
    words, text = make.visible(document.html), " ".join(document.text.split())
    for pick in issue.picks:
        title = pick.story.vacancy.role if pick.story.vacancy else pick.story.title
        assert title in words
        assert title in text
        assert f'href="{pick.story.link}"' in document.html
        assert f" {pick.story.link} " in text


def test_the_page_has_every_part(document, make):
    words = make.visible(document.html)
    for part in (
        "View in browser",
        "Issue [[edition]]",
        "Friday 6 March 2026",
        "The Town Crier",
        "News for people who write for councils",
        "[[greeting]]",
        "Spring is the season of budgets",
        "15 stories · 8 jobs · 3 events",
        "Job of the week Head of News and Campaigns",
        "Closes Friday 27 March",
        "Mar 18 Plain English in an afternoon Wednesday 18 March, 1:30pm · Online",
        "Write for The Town Crier",
        "You get this email because",
        "Unsubscribe",
        "1 Market Square, Exampleton, EX1 2MP",
    ):
        assert part in words, part


def test_readers_links_are_slots_and_the_archive_is_linked(tree):
    hrefs = tree.xpath("//a/@href")
    assert "[[unsubscribe_url]]" in hrefs
    assert "[[preferences_url]]" in hrefs
    assert "https://mail.crier.example.org/archive/12" in hrefs
    assert all(re.match(r"https://|mailto:|\[\[[a-z_]+\]\]$", href) for href in hrefs)


def test_headings_begin_with_one_h1_and_skip_no_level(settings, make):
    untitled = make.issue()
    sections = tuple(type(s)(s.name, "", s.picks) for s in untitled.sections)
    for tree in (printed(settings, make), printed(settings, make, sections=sections)):
        levels = [int(heading.tag[1]) for heading in tree.xpath(HEADINGS)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_picture_has_its_description_and_fits(tree):
    images = tree.xpath("//img")
    assert len(images) == 4
    for image in images:
        assert image.get("alt") is not None
        assert not image.xpath("ancestor::a")  # the title is the link
        assert int(image.get("width")) <= 600
        assert re.search(r"max-width:\s*\d+px", image.get("style"))
        assert "height:auto" in image.get("style")
    assert "" in [image.get("alt") for image in images]  # of a picture that nobody described


def test_layout_tables_have_the_role_presentation(tree):
    tables = tree.xpath("//table")
    assert tables
    assert {table.get("role") for table in tables} == {"presentation"}


def test_the_language_and_both_colour_schemes_are_declared(tree, document):
    assert tree.get("lang") == "en-GB"
    assert tree.get("dir") == "ltr"
    assert tree.xpath("//title/text()") == [document.subject]
    for name in ("color-scheme", "supported-color-schemes"):
        assert tree.xpath(f"//meta[@name='{name}']/@content") == ["light dark"]
    css = " ".join(tree.xpath("//style/text()"))
    assert "@media (prefers-color-scheme: dark)" in css
    assert "[data-ogsc] .ink div" in css
    assert "[data-ogsb] .paper" in css


def test_a_publication_in_arabic_runs_from_right_to_left(settings, make):
    arabic = make.settings(settings, publication={"language": "ar"})
    tree = printed(arabic, make)
    assert (tree.get("lang"), tree.get("dir")) == ("ar", "rtl")


def test_the_preheader_is_first_hidden_and_padded(document, tree):
    first = next(element for element in tree.body.iter("div") if (element.text or "").strip())
    assert first.text.startswith(document.preheader)
    assert "display:none" in first.get("style")
    assert len(first.text) > len(document.preheader) + 100


def test_it_contains_no_tracking(tree, document):
    assert not tree.xpath("//img[@width='1' or @height='1']")
    assert not tree.xpath("//script | //link | //iframe | //form | //@onclick")
    assert "utm_" not in document.html


def test_its_size_is_far_below_the_limit(document):
    assert document.html_bytes < 100_000


def test_the_text_part_is_complete(document):
    lines = document.text.split("\n")
    assert lines[:2] == ["THE TOWN CRIER", "=============="]
    assert all(columns(line) <= 72 or "://" in line for line in lines)
    assert "JOB OF THE WEEK\n\n* Head of News and Campaigns\n" in document.text
    assert "  £58,000 to £63,500 · Closes Friday 27 March\n" in document.text
    assert "Unsubscribe: [[unsubscribe_url]]" in document.text
    assert not re.search(r"<\w|&\w+;|\n\n\n", document.text)


def test_text_and_html_say_the_same(document, make):
    words = {w for w in re.findall(r"\w{4,}", make.visible(document.html).lower()) if w.isascii()}
    text = set(re.findall(r"\w{4,}", document.text.lower()))
    assert len(words - text) / len(words) < 0.05


def test_the_same_issue_is_the_same_document(issue, settings, make):
    first = compose(issue, settings, now=make.at)
    again = compose(make.issue(), settings, now=datetime(2026, 3, 6, 7, tzinfo=UTC))
    assert (first, first.hash) == (again, again.hash)
    assert compose(make.issue(posts=14), settings, now=make.at).hash != first.hash


def test_an_issue_without_a_time_of_sending_bears_the_date_of_printing(settings, make):
    unscheduled = make.issue(send_at=None)
    # Half past eleven at night in UTC is the next day already in a British summer.
    document = compose(unscheduled, settings, now=datetime(2026, 6, 1, 23, 30, tzinfo=UTC))
    assert "Tuesday 2 June 2026" in document.html


def test_an_issue_without_a_preheader_gets_one(settings, make):
    document = compose(make.issue(preheader=""), settings, now=make.at).whole
    assert document.preheader.startswith("Say it once: writing alerts")
    assert compose(make.issue(preheader="Mine"), settings, now=make.at).preheader == "Mine"


@pytest.mark.parametrize(
    ("posts", "jobs", "events"), [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0), (2, 8, 0), (15, 0, 3)]
)
def test_any_mixture_of_stories_prints(settings, make, posts, jobs, events):
    tree = printed(settings, make, posts, jobs, events, note="")
    assert len(tree.xpath("//h1")) == 1
    assert ("Featured jobs" in tree.text_content()) == (jobs > 0)


def test_stories_of_several_kinds_in_one_section_keep_their_order(settings, make):
    mixed = [make.post(0), make.post(1), make.event(0), make.job(0), make.post(2)]
    words = make.visible(compose(make.issue(mixed, 0, 0), settings, now=make.at).html)
    places = [
        words.rindex(title)
        for title in ("Say it once", "Plain English", "Senior Communications", "We stopped posting")
    ]
    assert places == sorted(places)


def test_the_call_to_write_goes_where_the_settings_say(settings, make):
    custom = make.settings(
        settings, publication={"write_for_us": "https://crier.example.org/write"}
    )
    assert "https://crier.example.org/write" in printed(custom, make).xpath("//a/@href")
    replies = make.settings(settings, publication={"reply_to": "Desk <desk+a@example.org>"})
    assert "mailto:desk%2Ba@example.org" in printed(replies, make).xpath("//a/@href")
    assert "mailto:crier@example.org" in printed(settings, make).xpath("//a/@href")


def test_the_call_to_write_can_be_switched_off(settings, make):
    silent = make.settings(settings, publication={"write_for_us": "off"})
    document = compose(make.issue(), silent, now=make.at)
    assert "Write for" not in document.html
    assert "WRITE FOR" not in document.text
    assert "mailto:" not in document.html


def test_the_logo_is_there_if_it_is_set(settings, make):
    logo = "https://crier.example.org/logo.png"
    branded = make.settings(settings, theme={"logo": logo, "logo_width": 120})
    copy = StoredPicture(logo, Use.LOGO, "0" * 32, 400, 100, "png")
    address = f"{settings.base_url}/pictures/{'0' * 32}/logo@2x.png"
    (image,) = printed(branded, make, pictures=(copy,)).xpath(f"//img[@src='{address}']")
    assert (image.get("width"), image.get("alt")) == ("120", "The Town Crier")
    assert not printed(branded, make, pictures=()).xpath("//h1//img")


def test_every_picture_is_emags_own_copy_or_all_are_at_their_sources(settings, make):
    def hosts(chosen: Settings) -> set[str]:
        return {urlsplit(src).hostname for src in printed(chosen, make).xpath("//img/@src")}

    at_source = settings.model_copy(update={"pictures": PictureSettings(host="source")})
    assert hosts(settings) == {"mail.crier.example.org"}
    assert hosts(at_source) == {"crier.example.org"}


def test_printing_is_fast(issue, settings, make):
    """The figure itself is benchmarks/press.py's; this is the ceiling, on the best of some runs.

    In time of the processor: what else the machine does is not the press's fault.
    """

    def once() -> float:
        start = time.process_time()
        compose(issue, settings, now=make.at)
        return time.process_time() - start

    tracer = sys.gettrace()
    sys.settrace(None)  # coverage would be measured too
    try:
        assert min(once() for _ in range(12)) < 0.25
    finally:
        sys.settrace(tracer)
