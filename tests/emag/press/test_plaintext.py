"""The text part keeps every word and no line is too long."""

from hypothesis import given
from hypothesis import strategies as st

from emag.press.plaintext import columns, from_html, heading, tidy, wrap

WORDS = st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=20))


@given(WORDS)
def test_wrapping_keeps_the_words_and_the_width(words):
    wrapped = wrap(" ".join(words), "  ", "* ")
    assert wrapped.removeprefix("*").split() == " ".join(words).split()
    assert all(columns(line) <= 72 for line in wrapped.split("\n"))


@given(st.text(), st.integers(20, 100))
def test_no_line_is_wider_than_asked_unless_it_is_a_link(text, width):
    for line in wrap(text, "  ", width=width).split("\n"):
        assert columns(line) <= width or "://" in line or "mailto:" in line or "[[" in line


def test_a_link_stays_whole():
    link = "https://example.org/" + "a" * 200
    assert wrap(f"Read {link} now").split("\n") == ["Read", link, "now"]


def test_a_sentence_without_spaces_is_broken_by_its_width():
    lines = wrap("市" * 100).split("\n")
    assert [len(line) for line in lines] == [36, 36, 28]


def test_a_list_entry_is_indented_below_its_bullet():
    assert wrap("one two three", "  ", "* ", width=9) == "* one two\n  three"


def test_lines_of_the_text_are_kept():
    assert wrap("a\n\nb", "  ") == "  a\n\n  b"


def test_a_heading_is_underlined_to_its_width():
    assert heading("Jobs") == "Jobs\n----"
    assert heading("市政", "=") == "市政\n===="
    assert heading("") == ""


def test_tidy_removes_spaces_and_empty_lines():
    assert tidy("\n\na  \n\n\n\nb\n\n") == "a\n\nb\n"


def test_simple_html_becomes_text_with_its_links():
    markup = """
<p>One <strong>two</strong>
<a href="https://example.org/x">three</a>.</p>
<ul>
<li>a</li>
<li><p>b &amp; c</p></li>
</ul>
<ol><li>d</li><li>e<br />f</li></ol>
<p><a href="mailto:a@example.org">a@example.org</a></p>
"""
    assert from_html(markup) == (
        "One two three (https://example.org/x).\n\n* a\n* b & c\n\n1. d\n2. e\nf\n\na@example.org"
    )
