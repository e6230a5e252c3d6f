"""What a feed's address may serve instead of a feed, and feeds built to do harm."""

import gzip
import time
from contextlib import suppress

import pytest

from emag.content import left_out
from emag.content.left_out import LeftOut
from emag.content.sources import Memory, parser, syndication
from emag.content.sources.feed import FeedSource
from emag.content.sources.fetch import FetchedPage
from emag.errors import SourceError

URL = "https://site.example/feed"


def read(body: bytes, content_type: str = ""):
    return FeedSource("s", URL).stories(FetchedPage(URL, body, content_type, Memory()))


def rss(inner: bytes) -> bytes:
    return b'<rss version="2.0"><channel><title>t</title>' + inner + b"</channel></rss>"


BOMB = b'<!DOCTYPE rss [<!ENTITY a "1"><!ENTITY b "&a;&a;">]>'
REFUSED = [
    (b"", "neither XML nor JSON"),
    (b"hello", "neither XML nor JSON"),
    (b"\x00\x01\x02", "neither XML nor JSON"),
    (b"<!DOCTYPE html><html><body>Hi</body></html>", "a web page"),
    (b"<html><body>Hi</body></html>", "a web page"),
    (b"<?xml version='1.0'?><!-- x --><html xmlns='a'></html>", "a web page"),
    (b"<root><a/></root>", "no feed"),
    (b"<a>" * 10, "no feed"),
    (rss(b"<item><title>cut")[:-20], "ends in its middle"),
    (BOMB + rss(b"&b;"), "declares entities"),
    ((BOMB + rss(b"&b;")).decode().encode("utf-16"), "declares entities"),
    (b"<!-- <rss> --> \n" + BOMB + rss(b""), "declares entities"),
    (b"<!doctype rss [<!entity x SYSTEM 'file:///etc/passwd'>]>" + rss(b"&x;"), "entities"),
    (gzip.compress(rss(b""), mtime=0), "packed"),
    (b'{"a": 1}', "no JSON Feed"),
    (b'{"items": 7}', "no JSON Feed"),
    (b"{nonsense", "starts like JSON"),
    (b"[" * 200_000, "starts like JSON"),
    (rss(b"<wp:wxr_version>1.2</wp:wxr_version>"), "export"),
]


@pytest.mark.parametrize(("body", "words"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_is_no_feed_is_refused_in_a_sentence(body, words):
    with pytest.raises(SourceError) as caught:
        read(body)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_web_page_that_names_its_feed_helps():
    page = (
        b"<html><head><link rel='alternate' type='application/rss+xml' href='/blog?a=1&amp;b=2'>"
        b"</head></html>"
    )
    with pytest.raises(SourceError, match=r"names https://site.example/blog\?a=1&b=2 as its feed"):
        read(page)


def test_a_plain_doctype_and_words_about_entities_are_no_harm():
    body = b'<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://my.example/rss.dtd">' + rss(
        b"<item><title>On &lt;!ENTITY</title><link>https://a.example/1</link></item>"
    )
    assert [story.link for story in read(body).stories] == ["https://a.example/1"]


def test_an_empty_feed_is_a_feed():
    assert read(rss(b"")).entries == 0


def test_a_feed_of_thousands_is_read_from_its_front():
    many = b"".join(b"<item><link>https://a.example/%d</link></item>" % n for n in range(600))
    assert read(rss(many)).entries == syndication.MOST_ENTRIES


def test_many_notes_are_summed_up():
    reading = read(rss(b"<item><title>x</title></item>" * 50))
    assert len(reading.notes) == 21
    assert reading.notes[-1] == "and 30 more"


def test_a_feed_that_cuts_all_its_texts_at_one_length_gives_whole_sentences():
    sentence = "The lamp at the end of the pier went out on Tuesday, and forty people rang."
    texts = [f"{sentence} Nobody had known that anybody", f"{sentence} A man from the town went"]
    texts += [
        "It was the fog, and not the bulb, and it had been so for all of the week before that day"
    ]
    texts = [text[:88] for text in texts] + ["A short one without a stop"]
    parts = (
        b"<item><title>%d</title><link>https://a.example/%d</link>"
        b"<description>%s&lt;img src='/t.gif'&gt;</description></item>" % (n, n, text.encode())
        for n, text in enumerate(texts)
    )
    summaries = [story.summary for story in read(rss(b"".join(parts))).stories]
    assert summaries == [sentence, sentence, "", texts[-1]]


LEFT_OUT = {
    b"<title>x</title>": "address",
    b"<link>https://a.example/</link>": "text",
    b"<title>x</title><link>mailto:a@a.example</link>": "address",
}


def test_entries_that_cannot_be_stories_are_counted_by_reason():
    items = (b"<item>%s</item>" % inside * n for n, inside in enumerate(LEFT_OUT, start=1))
    reading = read(rss(b"".join(items)))
    assert reading.left_out == {"address": 4, "text": 2}
    assert reading.refused == 6
    assert left_out.sentence(reading.left_out) == (
        "6 entries were left out: 4 have no address, 2 have neither a title nor a text"
    )
    assert left_out.sentence({"shared": 1}) == "1 entry was left out: 1 has the address of another"
    assert left_out.sentence({}) == ""
    assert all(left_out.sentence({reason: n}) for reason in LeftOut for n in (1, 2))


ITEM = b"<item><link>https://a.example/1</link>%s</item>"
HARM = {
    "a long byline": ITEM % (b"<author>" + b"a" * 1_000_000 + b"</author>"),
    "a long byline in references": ITEM % (b"<author>" + b"&#97;" * 200_000 + b"</author>"),
    "a long byline, unclosed": ITEM % (b"<b><author>" + b"a" * 1_000_000 + b"</author>"),
    "attributes": b"<item " + b"".join(b'a%d="b" ' % n for n in range(100_000)) + b"></item>",
    "prefixes": b"<item>"
    + b"".join(b'<x%d:y xmlns:x%d="u%d">z</x%d:y>' % (n, n, n, n) for n in range(5_000))
    + b"</item>",
    "depth": ITEM % (b"<description>" + b"&lt;div&gt;" * 100_000 + b"</description>"),
    "a long date": ITEM % (b"<pubDate>" + b"1" * 1_000_000 + b"</pubDate>"),
    "a long link": b"<item><link>https://a.example/" + b" " * 1_000_000 + b"x</link></item>",
    "a long title": ITEM % (b"<title>" + b"&amp;" * 200_000 + b"</title>"),
    "comments": b"<!--" * 100_000,
    "less-than": b"<" * 300_000,
}


@pytest.mark.parametrize("harm", HARM.values(), ids=list(HARM))
def test_no_feed_takes_long(harm):
    started = time.process_time()
    with suppress(SourceError):
        read(rss(harm))
    assert time.process_time() - started < 30


@pytest.mark.parametrize("space", [b"\n", b" ", b"<!--", b"<?a ?>", b"<!DOCTYPE "])
def test_no_prolog_takes_long(space):
    started = time.process_time()
    with suppress(SourceError):
        read(space * 300_000 + rss(b""))
    assert time.process_time() - started < 30


def test_patience_ends():
    with pytest.raises(SourceError, match="too long to read"):
        parser.parse(rss(b""), content_type="", patience=0.0)


PICTURE = (
    b'<media:content xmlns:media="http://search.yahoo.com/mrss/" url="https://site.example/p.png" '
    b'medium="image"><media:description>A red door</media:description></media:content>'
)
SUMMARY = b"<description>What happened.</description>"


@pytest.mark.parametrize("inner", [PICTURE + SUMMARY, SUMMARY + PICTURE])
def test_the_words_of_a_picture_are_not_those_of_its_story(inner):
    entry = b"<item><title>A</title><link>https://site.example/a</link>" + inner + b"</item>"
    [story] = read(rss(entry)).stories
    assert (story.summary, story.picture.alt) == ("What happened.", "A red door")


def test_a_page_of_link_tags_takes_no_time():
    started = time.process_time()
    with pytest.raises(SourceError, match="a web page"):
        read(b"<html>" + b"<link " * 500_000)
    assert time.process_time() - started < 20


NESTED = "<title>Nested</title><link>https://nested.example/</link><pubDate>1 Jan 2001</pubDate>"


@pytest.mark.parametrize(
    "element",
    [
        "author",
        "image",
        "textInput",
        "source",
        "enclosure",
        "media:content",
        "media:group",
        "x:card",
    ],
)
@pytest.mark.parametrize("broken", ["", "<category>a & b</category>"], ids=["strict", "loose"])
@pytest.mark.parametrize("first", [True, False])
def test_a_title_inside_another_element_is_not_the_entrys(element, broken, first):
    item_fields = "<title>Headline</title><link>https://site.example/1</link>"
    nested = f"<{element}>{NESTED}</{element}>"
    entry = f"<item>{item_fields + nested if first else nested + item_fields}{broken}</item>"
    names = "xmlns:media='http://search.yahoo.com/mrss/' xmlns:x='https://x.example/ns'"
    feed = f"<rss version='2.0' {names}><channel><title>t</title>{entry}</channel></rss>"
    (story,) = read(feed.encode()).stories
    assert (story.title, story.link) == ("Headline", "https://site.example/1")
    assert story.published is None


@pytest.mark.parametrize("where", ["entry", "title", "content"])
@pytest.mark.parametrize("div", ["", "<div>inline</div>"])
def test_a_base_ends_with_its_element(where, div):
    base = dict.fromkeys(("entry", "title", "content"), "")
    base[where] = " xml:base='https://other.example/a/'"
    first = (
        f"<entry{base['entry']}><title{base['title']}>One</title><link href='one'/>"
        f"<content type='html'{base['content']}>{div}&lt;a href='x'&gt;x&lt;/a&gt;"
        "</content></entry>"
    )
    second = (
        "<entry><title>Two</title><link href='two'/>"
        "<content type='html'>&lt;a href='y'&gt;y&lt;/a&gt;</content></entry>"
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{first}{second}</feed>"
    one, two = read(feed.encode()).stories
    assert two.link == "https://site.example/two"
    assert 'href="https://site.example/y"' in two.body
    if where == "content":
        assert 'href="https://other.example/a/x"' in one.body


def test_an_atom_entry_without_an_author_has_that_of_its_feed():
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Crier</title>'
        "<author><name>Ann Example</name></author>{}</feed>"
    )
    entry = "<entry><title>One</title><link href='https://a.example/1'/>{}</entry>"
    other = "<author><name>Ben Example</name></author>"
    assert read(feed.format(entry.format("")).encode()).stories[0].author == "Ann Example"
    assert read(feed.format(entry.format(other)).encode()).stories[0].author == "Ben Example"
