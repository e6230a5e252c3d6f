"""Slots are filled for a reader, and emptied for everybody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.press import words as catalogue
from emag.press.document import SLOT, Document, fill, public

READER = {
    "edition": "12",
    "greeting": "Hello Ann & Bob,",
    "unsubscribe_url": "https://mail.example.org/unsubscribe/t0k3n",
    "preferences_url": "https://mail.example.org/preferences/t0k3n",
}
ARCHIVE = "https://mail.crier.example.org/archive/12"


def test_the_slots_of_an_issue_are_the_agreed_ones(document):
    assert document.slots == {"edition", "greeting", "unsubscribe_url", "preferences_url"}


def test_a_readers_copy_has_escaped_values_and_no_slot(document):
    copy = fill(document, READER)
    assert "Hello Ann &amp; Bob," in copy.html
    assert "Hello Ann & Bob," in copy.text
    assert READER["unsubscribe_url"] in copy.html
    assert READER["unsubscribe_url"] in copy.text
    assert copy.slots == frozenset()
    assert (copy.subject, copy.preheader) == (document.subject, document.preheader)


def test_a_value_is_not_filled_again():
    copy = fill(Document("", "", "[[greeting]]", "[[greeting]]"), {"greeting": "[[secret]]"})
    assert copy.html == copy.text == "[[secret]]"


def test_a_slot_without_a_value_is_an_error(document):
    with pytest.raises(KeyError, match="edition"):
        fill(document, {"greeting": "Hello,"})


@given(st.text(), st.text())
def test_values_cannot_break_out_of_an_attribute(before, value):
    document = Document("", "", f'<a title="[[greeting]]">{len(before)}</a>', "")
    inner = fill(document, {"greeting": value}).html.removeprefix('<a title="')
    assert inner.index('"') == len(inner) - len(f'">{len(before)}</a>')
    assert "<" not in inner[: inner.index('"')]


def test_the_public_copy_has_no_personal_links_and_a_sign_up_link(document, settings, make):
    archived = public(document, archive_url=ARCHIVE, texts=catalogue.words(settings))
    assert not SLOT.search(archived.html + archived.text)
    tree = make.tree(archived.html)
    assert tree.xpath("//a[@href='https://mail.crier.example.org/signup']")
    words = make.visible(archived.html)
    assert "Hello," in words
    assert "Unsubscribe" not in words
    assert "You get this email because" not in words
    assert "Hello,\n" in archived.text
    assert "nsubscribe" not in archived.text
    assert "1 Market Square" in words
    assert ARCHIVE not in archived.html + archived.text, "it does not lead to itself"


def test_personal_links_are_removed_without_our_comments_too(settings):
    custom = Document(
        "", "", '<p>a <a class="x" href="[[unsubscribe_url]]"><b>go</b></a> b</p>', "x"
    )
    assert (
        public(custom, archive_url=ARCHIVE, texts=catalogue.words(settings)).html == "<p>a  b</p>"
    )


def test_the_hash_is_of_what_a_reader_gets():
    document = Document("s", "p", "h", "t", mjml="m")
    assert document.hash == Document("s", "p", "h", "t", mjml="other").hash
    changed = [
        Document("S", "p", "h", "t"),
        Document("s", "P", "h", "t"),
        Document("s", "p", "H", "t"),
        Document("s", "p", "h", "T"),
    ]
    assert len({document.hash, *(other.hash for other in changed)}) == 5
