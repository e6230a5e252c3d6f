"""What others wrote, made fit to print."""

import unicodedata
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.press.document import SLOT
from emag.press.printable import clean, clean_lines, web_link

ANY_TEXT = st.text(st.characters(exclude_categories=[]))
NEAR_SLOTS = st.text(st.sampled_from("[]ab_\u2060\u200b\x00\u202e "), max_size=12)


@given(ANY_TEXT | NEAR_SLOTS)
def test_clean_text_is_one_line_that_xml_takes_and_holds_no_slot(text):
    cleaned = clean(text)
    assert "[[" not in cleaned
    assert not SLOT.search(cleaned)
    assert len(cleaned.splitlines()) <= 1
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in cleaned)
    cleaned.encode()
    assert clean(cleaned) == cleaned


@given(ANY_TEXT)
def test_clean_lines_keep_paragraphs_and_nothing_that_clean_refuses(text):
    assert all(clean(line) == line for line in clean_lines(text).split("\n"))
    assert "\n\n\n" not in clean_lines(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two\n\n words\t", "two words"),
        ("a\x00b\x07c", "abc"),
        ("left \u202eright", "left right"),
        ("see [[greeting]] and [[[", "see [\u2060[greeting]] and [\u2060[\u2060["),
        ("[1] and [a][b]", "[1] and [a][b]"),
        ("{{ 7*7 }} {% raw %}", "{{ 7*7 }} {% raw %}"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("नमस्ते 👩‍👩‍👧 עברית", "नमस्ते 👩‍👩‍👧 עברית"),
    ],
)
def test_clean(text, cleaned):
    assert clean(text) == cleaned


@given(ANY_TEXT | ANY_TEXT.map("https://example.org/{}".format))
def test_a_link_is_web_ascii_and_quiet_or_nothing(text):
    link = web_link(text)
    if link:
        assert urlsplit(link).scheme in {"http", "https"}
        assert link.isascii()
        assert not set(link) & set(" \"'<>\\`{}\n\r\t\0")
        assert "[[" not in link
        assert web_link(link) == link


@pytest.mark.parametrize(
    ("link", "printed"),
    [
        ("https://example.org/a?b=1&c=%20#d", "https://example.org/a?b=1&c=%20#d"),
        ("https://example.org/café", "https://example.org/caf%C3%A9"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://127.0.0.1:8400/x", "http://127.0.0.1:8400/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        (
            "https://example.org/[[unsubscribe_url]]",
            "https://example.org/%5B%5Bunsubscribe_url%5D%5D",
        ),
        ("https://example.org/{{x}}", "https://example.org/%7B%7Bx%7D%7D"),
        ("https://user:secret@example.org/", "https://example.org/"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//example.org/x", ""),
        ("/relative", ""),
        ("https://", ""),
        ("https://[", ""),
        ("https://example.org:99999/", ""),
        ("", ""),
    ],
)
def test_web_link(link, printed):
    assert web_link(link) == printed
