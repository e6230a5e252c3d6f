"""The editor's note is Markdown, cleaned."""

import lxml.html
import pytest

from emag.press.note import note


def test_markdown_becomes_markup_and_text():
    printed = note("Read **this**, [here](https://example.org/a).\n\n- one\n- two")
    assert str(printed.html).startswith(
        '<p>Read <strong>this</strong>, <a href="https://example.org/a">here</a>.</p>'
    )
    assert printed.text == "Read this, here (https://example.org/a).\n\n* one\n* two"


def test_headings_in_a_note_become_bold():
    assert str(note("# Big news\n\nSmall print").html) == (
        "<p><strong>Big news</strong></p>\n<p>Small print</p>\n"
    )


@pytest.mark.parametrize("empty", ["", "  \n\n", "---", "![](https://example.org/x.png)"])
def test_an_empty_text_is_no_note(empty):
    assert note(empty) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "</mj-text><mj-raw><b>",
        '<a href="data:text/html,x">x</a>',
    ],
)
def test_markup_is_printed_as_text(hostile):
    tree = lxml.html.fragment_fromstring(str(note(hostile + " and words").html), "div")
    assert {element.tag for element in tree.iter()} <= {"div", "p", "a"}
    assert not tree.xpath("//@*")


def test_a_slot_in_a_note_is_defused():
    printed = note("[[unsubscribe_url]] [a](https://example.org/[[greeting]])")
    assert "[[" not in str(printed.html)
    assert "[[" not in printed.text


def test_line_breaks_are_closed_for_mjml():
    assert "one<br />\ntwo" in str(note("one  \ntwo").html)
