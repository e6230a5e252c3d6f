"""Links are replaced in the HTML part and in the text part, and nothing else is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.issues.correction import Correction, Parts, corrected, fault

AT = datetime(2026, 3, 6, 9, tzinfo=UTC)
OLD, NEW = "https://example.org/a", "https://example.org/b?x=1&y=2"


def mend(text, old=OLD, new=NEW, html=""):
    return corrected(Parts(html, text), [Correction(AT, "Ann", "Wrong.", ((old, new),))])


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("See https://example.org/a.", f"See {NEW}."),
        ("(https://example.org/a)", f"({NEW})"),
        ("https://example.org/a\nhttps://example.org/ab", f"{NEW}\nhttps://example.org/ab"),
        ("https://example.org/a/b https://example.org/a?c", None),
        ("https://other.org/?to=https://example.org/a", None),
    ],
)
def test_an_address_in_the_text_is_replaced_whole_or_not_at_all(text, after):
    assert mend(text).text == (after or text)


def test_an_address_that_ends_with_a_bracket_is_found():
    old = "https://example.org/Foo_(bar)"
    assert mend(f"See {old}.", old).text == f"See {NEW}."


def test_links_and_visible_addresses_of_the_html_are_replaced():
    html = f'<a class="x" HREF="{OLD}">{OLD}</a><v:rect href=\'{OLD}\'/><img src="{OLD}">'
    escaped = NEW.replace("&", "&amp;")
    assert mend("", html=html).html == (
        f'<a class="x" HREF="{escaped}">{escaped}</a><v:rect href=\'{escaped}\'/><img src="{OLD}">'
    )


def test_another_spelling_of_the_address_counts_where_the_issue_has_no_such_one():
    parts = Parts("", "https://EXAMPLE.org/a?utm_source=x")
    assert fault(parts, "Wrong.", [(OLD, NEW)]) == ""
    assert mend(parts.text).text == NEW


@given(st.text(st.characters(exclude_categories=("Cs",))), st.text(max_size=20))
def test_a_document_without_the_address_stays_as_it_is(text, note):
    parts = Parts(text.replace("example", ""), text.replace("example", ""))
    assert corrected(parts, [Correction(AT, "Ann", note, ((OLD, NEW),))]) == parts


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_a_correction_is_read_as_it_was_written(note):
    correction = Correction(AT, "Ann", note, ((OLD, NEW), (NEW, OLD)))
    assert Correction.read(correction.written()) == correction
