"""The rules for sentences, by-lines, furniture, kickers and summaries, one by one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.prose import byline, embed, furniture
from emag.content.prose.block import Block, BlockKind, from_text
from emag.content.prose.kicker import kicker
from emag.content.prose.sentences import sentences
from emag.content.prose.writing import write

LONG = "The lamp at the end of the pier went out on Tuesday, and forty-one people rang at once."
NEXT = "Nobody had known that anybody was looking at it, least of all the man who changes the bulb."


@pytest.mark.parametrize(
    "sentence",
    [
        "Dr. Oyelaran met Mrs. J. P. Lunt at St. Tudno's on Jan. 5.",
        "Wharf Utd. vs. Pier Town was stopped at 3.15 p.m. on Sat. 14 Nov. by fog.",
        "We moved, e.g. to No. 4 Pier Rd. and to the U.K. office of Tide Ltd. last year.",
        "Version 3.5 costs £3.20.",
        "“Is it on?” she asked.",
        "1. First of all, breathe.",
        "Es beginnt am 22. November in Leeds.",
    ],
)
def test_one_sentence_is_not_two(sentence):
    assert sentences(f"{sentence} Then it rained.") == [sentence, "Then it rained."]


@pytest.mark.parametrize(
    ("line", "name", "is_guest"),
    [
        ("by Carolyne Mitchell", "Carolyne Mitchell", False),
        ("BY CERI O'NEILL AND MO MCBRIDE", "Ceri O'Neill and Mo McBride", False),
        ("Words: Ann Li", "Ann Li", False),
        ("Words & pictures by Ann Li", "Ann Li", False),
        ("By Ann Li, Head of Media and Communications", "Ann Li", False),
        ("By Ann Li, Ben Okri and Cy van der Berg", "Ann Li, Ben Okri and Cy van der Berg", False),
        ("Posted on 3 March 2026 by Ann Li", "Ann Li", False),
        ("Gan Siân ap Huw", "Siân ap Huw", False),
        ("A guest post by Ann Li, who runs a boatyard.", "Ann Li", True),
        ("Guest author: Ann Li", "Ann Li", True),
        ("Ann Li writes:", "Ann Li", False),
    ],
)
def test_a_byline_is_the_author(line, name, is_guest):
    author = byline.byline(line)
    assert (author.name, author.is_guest) == (name, is_guest)


@pytest.mark.parametrize(
    "line",
    [
        "By Monday the bridge was open",
        "By design",
        "By the communications team",
        "By the time that we arrived, everybody had gone home",
        "Byron was here",
    ],
)
def test_what_only_begins_like_a_byline_names_nobody(line):
    assert byline.byline(line) is None


@pytest.mark.parametrize(
    "name",
    [
        *("admin", "web.editor", "Unknown", "jsmith2", "/u/lamp", "Super User", "a@b.example"),
        *("Communications Team", "Hemsby Town Council press office", "Senior Web Editor"),
    ],
)
def test_an_account_is_no_author(name):
    assert byline.author(name) == ""


@pytest.mark.parametrize("name", ["Ann Li", "Anthony", "DeShawn", "BBC News", "O’Neill"])
def test_a_name_is_an_author(name):
    assert byline.author(name) == name


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        *(("ANN LI", "Ann Li"), ("SIÂN AP HUW", "Siân ap Huw"), ("ROSIN O'NEILL", "Rosin O'Neill")),
        *(("NHS WALES", "NHS WALES"), ("UK FINANCE", "UK FINANCE"), ("BBC", "BBC")),
    ],
)
def test_a_name_in_capitals_is_printed_as_a_name(written, printed):
    assert byline.author(written) == printed


@pytest.mark.parametrize(
    ("name", "site", "expected"),
    [
        ("Tidecast", "TideCast", True),
        ("Hemsby Town Council", "Hemsby Town Council", True),
        ("Ann Li", "Ann Li", False),  # a blog that has its writer's name
        ("Tidecast", "Hemsby", False),
    ],
)
def test_an_author_that_is_the_site_again_is_none(name, site, expected):
    assert byline.is_site(name, site) is expected


@pytest.mark.parametrize(
    "line",
    [
        *("image: via Flickr", "Picture: the quay by Jo Lantern", "Photo by Jo on Unsplash"),
        *("(Picture: Ben Stott/PA)", "© Ben Stott", "Llun: Jo Lantern", "Share this:", "Tweet"),
        *("Print Friendly and PDF", "In digital + social Tags signs, tides", "Filed under: Roads"),
        *("Read More Here →", "Continue reading »", "The post Lamp appeared first on Pier Head."),
        *("← Previous post: The bell", "Next →", "3 min read", "Last updated: 4 November 2026"),
        *("Updated by Ann Li on 4 November 2026 at 10:00", "Edited by ann on 2026-11-04."),
        *("Like this: Like Loading...", "12 comments", "Leave a comment", "Tags: lamp, pier"),
    ],
)
def test_furniture_is_known(line):
    assert furniture.is_furniture(line) or furniture.ends_article(line)


@pytest.mark.parametrize(
    "line",
    [
        "Pictures of the flood were shown to the inquiry.",
        "Share prices fell on Monday.",
        "Tagged geese have returned to the estuary.",
        "Read the river, not the sign, says the warden.",
        "Next spring the pier closes.",
        "Image is everything.",
        "Comments from residents filled the hall.",
        "Printing money was never our plan.",
    ],
)
def test_prose_is_no_furniture(line):
    assert not furniture.is_furniture(line)
    assert not furniture.ends_article(line)


@pytest.mark.parametrize(
    ("categories", "section", "expected"),
    [
        (("Uncategorized", "Roads"), "posts", "Roads"),
        (("Blog",), "posts", ""),
        (("News",), "news", ""),
        (("News",), "posts", "News"),
        (("News", "Roads"), "posts", "Roads"),
        (("https://a.example/x", "adwords_api", "r/rust"), "posts", ""),
        (("Q&A",), "posts", "Q&A"),
    ],
)
def test_a_kicker_says_something(categories, section, expected):
    assert kicker(categories, section=section) == expected


def summary(*texts, title="The lamp", described=()):
    return write(title, from_text("\n".join(described)), [Block(text) for text in texts]).summary


def test_a_summary_is_whole_sentences():
    assert summary(f"{LONG} {NEXT}", "More.") == f"{LONG} {NEXT}"
    assert (
        summary(f"{LONG} {NEXT} {LONG[:-1]}, or thereabouts, then again at noon.")
        == f"{LONG} {NEXT}"
    )


def test_a_summary_does_not_repeat_the_title():
    assert summary("The lamp", LONG, NEXT) == f"{LONG} {NEXT}"
    assert summary(f"The lamp: {LONG} {NEXT}") == f"{LONG} {NEXT}"


def test_a_line_that_only_leads_to_the_title_is_no_summary():
    assert summary("Dr. Ann Li: The lamp.") == ""
    assert summary("Dr. Ann Li: The lamp.", LONG, NEXT) == f"{LONG} {NEXT}"


def test_a_summary_has_no_number_of_a_list():
    assert summary(f"1) {LONG}", f"2) {NEXT}") == f"{LONG} {NEXT}"


def test_items_stay_apart():
    items = [Block(text, BlockKind.ITEM) for text in ("a torch", "a coat")]
    assert write("x", (), [Block("Bring:"), *items]).summary == "Bring: a torch · a coat"


def test_a_summary_that_a_source_has_cut_gives_its_whole_sentences():
    assert summary(described=[f"{LONG} {NEXT[:40]} […]"]) == LONG
    assert summary(described=[f"{LONG[:80]} […]"]) == ""


def test_a_text_that_ends_with_an_article_is_cut():
    assert summary(described=[f"{LONG} It was seen from the"]) == LONG
    assert summary(described=["The lamp at the end of the"]) == ""


def test_the_article_is_preferred_to_its_own_excerpt():
    assert summary(f"{LONG} {NEXT}", described=[f"{LONG} {NEXT[:40]}"]) == f"{LONG} {NEXT}"


def test_an_untitled_post_has_its_first_sentence_as_title():
    writing = write("", (), [Block(f"The bell is next. {LONG} {NEXT}")])
    assert (writing.title, writing.summary) == ("The bell is next", f"{LONG} {NEXT}")


def test_what_is_only_embedded_is_named():
    blocks = [Block("https://youtu.be/abc"), Block("Share this:")]
    assert write("x", (), blocks).summary == "Video on YouTube"
    assert embed.by_address("//www.google.co.uk/maps/embed?pb=1") == "Map"
    assert embed.by_address("https://notyoutube.com.evil.example/") == ""


@given(st.text(max_size=400), st.lists(st.text(max_size=400), max_size=5))
def test_any_text_is_written_without_a_fault(title, texts):
    writing = write(title, from_text(texts[0] if texts else ""), from_text("\n".join(texts)))
    assert len(writing.summary) <= 282


@pytest.mark.parametrize("bit", ["a", " ", "by ", "A. ", "...", "read ", "tags ", "[", "1) ", "·"])
def test_no_text_takes_long(bit):
    started = time.process_time()
    write("", from_text(bit * 20_000), from_text(bit * 20_000))
    furniture.is_furniture_class(bit * 5_000)
    assert time.process_time() - started < 10
