"""Untrusted HTML and text, made safe."""

import time
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.sources import clean

BASE = "https://example.org/blog/post"
STYLE = ' style="max-width:100%;height:auto"'


def html(markup):
    return clean.clean(markup, base=BASE).html


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>"),
        ("<script>alert(1)</script>Hi", "Hi"),
        ("<p onclick='x()' style='position:fixed' class=a id=b>Hi</p>", "<p>Hi</p>"),
        ("<form action=/x><input name=a><p>Hi</p></form>", "<p>Hi</p>"),
        ("<iframe src=https://a.example></iframe>Hi", "Hi"),
        ("<svg><script>alert(1)</script></svg>Hi", "Hi"),
        ("<a href='javascript:alert(1)'>Hi</a>", "Hi"),
        ("<a href=' java\nscript:alert(1)'>Hi</a>", "Hi"),
        ("<a href='data:text/html,x'>Hi</a>", "Hi"),
        ("<a>Hi</a>", "Hi"),
        (
            "<a href='/a?b=1&amp;c=2'>Hi</a>",
            '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener noreferrer">Hi</a>',
        ),
        (
            "<a href='mailto:ann@example.org'>Hi</a>",
            '<a href="mailto:ann@example.org" rel="noopener noreferrer">Hi</a>',
        ),
        ("<h1>Hi</h1>", "<h2>Hi</h2>"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("<!-- hidden -->Hi", "Hi"),
        (
            "<img src=a.png>",
            f'<img src="https://example.org/blog/a.png" alt="" width="600"{STYLE}>',
        ),
        (
            "<img src=//cdn.example/a.png width=1200 height=600 alt='A > B'>",
            f'<img src="https://cdn.example/a.png" alt="A &gt; B" width="600" height="300"{STYLE}>',
        ),
        (
            "<img srcset='/s.png 1x, /l.png 2x'>",
            f'<img src="https://example.org/s.png" alt="" width="600"{STYLE}>',
        ),
        ("<img src=https://t.example/p.gif width=1 height=1>", ""),
        ("<img src='data:image/png;base64,AAAA'>", ""),
        ("<img src=http://plain.example/a.png>", ""),
        ("<img src=x onerror=alert(1)//", ""),
        ("&lt;p&gt;Hi &lt;b&gt;you&lt;/b&gt;&lt;/p&gt;", "<p>Hi <b>you</b></p>"),  # escaped twice
        ("&lt;!-- a --&gt;&lt;p&gt;Hi&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;", "<p>Hi</p>"),
        ("Use &lt;p&gt; and &lt;/p&gt;", "Use &lt;p&gt; and &lt;/p&gt;"),
    ],
)
def test_only_what_is_allowed_is_left(markup, expected):
    assert html(markup) == expected


def test_the_text_has_a_line_for_every_block():
    text = clean.clean("<h2>A</h2><p>b\n c<br>d</p><ul><li>e</li><li>f</li></ul>", base=BASE).text
    assert text == "A\nb c\nd\ne\nf"


def test_pictures_come_in_order_with_their_words_and_sizes():
    pictures = clean.clean(
        "<img src=/a.png alt=' A  picture ' width=300 height=200><img src=/b.png>", base=BASE
    ).pictures
    assert [(p.url, p.alt, p.width, p.height) for p in pictures] == [
        ("https://example.org/a.png", "A picture", 300, 200),
        ("https://example.org/b.png", "", 0, 0),
    ]


def test_a_picture_on_this_machine_may_lack_tls():
    assert clean.picture("http://127.0.0.1:8000/a.png", base="")
    assert clean.picture("http://[::1]/a.png", base="")
    assert not clean.picture("http://10.0.0.1/a.png", base="")


HOSTILE = [
    *("<", ">", "</", "/>", "<a href=", "<img src=", "'", '"', "javascript:", "data:text/html,"),
    *("<script>", "</script>", "<style>", "<svg", "<math>", "<p onclick=", "&lt;", "&#106;", "\0"),
    *("<!--", "-->", "<![CDATA[", "<template>", "<noscript>", "x", " ", "\n", "=", "https://a.b/c"),
    *("<table>", "<td>", "<form>", "<plaintext>", "<title>", "<mi>", "<annotation-xml>", "\u2028"),
]
hostile = st.lists(st.sampled_from(HOSTILE), max_size=25).map("".join)


class _Tags(HTMLParser):
    """What a browser would make of it."""

    def __init__(self):
        super().__init__()
        self.elements = []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))


@given(hostile)
def test_nothing_dangerous_survives(markup):
    tags = _Tags()
    tags.feed(html(markup))
    for tag, attributes in tags.elements:
        assert tag in clean._TAGS
        assert set(attributes) <= {
            *("href", "src", "alt", "title", "rel", "width", "height", "style"),
            *("colspan", "rowspan", "start"),
        }
        assert attributes.get("href", "https:").startswith(("https:", "http:", "mailto:"))
        assert attributes.get("src", "https://").startswith("https://")


@given(hostile)
def test_cleaning_what_is_clean_changes_nothing(markup):
    once = html(markup)
    assert html(once) == once


@pytest.mark.parametrize(
    "bit", ["<div>", "<b><i>", "<", "&", "<a href='", "<table>", "<p>", "<!--", "</p>", "<a><b><p>"]
)
def test_no_markup_takes_long(bit):
    started = time.process_time()
    html(bit * (500_000 // len(bit)))
    assert time.process_time() - started < 20


@given(st.text())
def test_a_line_is_one_line(text):
    line = clean.line(text)
    assert len(line) <= clean.LONGEST_TITLE
    assert line == line.strip()
    assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]


def test_marks_that_turn_the_writing_are_taken_out():
    assert clean.line("a\u202egnp.exe\u2066") == "agnp.exe"
    assert clean.line("👩\u200d🚀 نص") == "👩\u200d🚀 نص"


def test_plain_text_becomes_paragraphs():
    assert clean.from_plain("a <b>\nc\n\n\nd & e") == "<p>a &lt;b&gt;<br>c</p><p>d &amp; e</p>"
