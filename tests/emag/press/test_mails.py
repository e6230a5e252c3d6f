"""The mails that are no issue: confirm, welcome, change, notice."""

import lxml.html
import pytest

from emag.errors import PressError
from emag.press.compose import compose_mail
from tests.emag.press.kinds import NAMES, PADDING, settings_of

SLOTS = {
    "confirm": {"confirm_url", "not_me_url"},
    "welcome": {"unsubscribe_url", "preferences_url"},
    "change": {"confirm_url"},
}
NOTICE = {
    "subject": "Issue 12 waits for you",
    "heading": "Issue 12 waits for your approval",
    "text": "It has 15 stories & 8 jobs.\n\nOne warning:\n<b>slow</b> link",
    "link": "http://127.0.0.1:8400/desk/12",
}


@pytest.mark.parametrize("name", SLOTS)
def test_each_letter_has_its_slots_and_both_parts(settings, make, name):
    document = compose_mail(name, settings, {})
    assert document.slots == SLOTS[name]
    assert "The Town Crier" in document.subject
    tree = make.tree(document.html)
    assert [heading.tag for heading in tree.xpath("//h1|//h2|//h3")] == ["h1"]
    for slot in SLOTS[name]:
        assert tree.xpath(f"//a[@href='[[{slot}]]']")
        assert f"[[{slot}]]" in document.text
    assert tree.xpath("//h1")[0].text_content() in document.text
    assert "1 Market Square" in document.text
    assert "prefers-color-scheme" in document.html
    assert document.html_bytes < 16_000


@pytest.mark.parametrize("name", ["confirm", "change"])
def test_one_button_and_nothing_to_sell(settings, make, name):
    tree = make.tree(compose_mail(name, settings, {}).html)
    assert tree.xpath("//td[contains(@class, 'button')]//a/@href") == ["[[confirm_url]]"]
    assert not tree.xpath("//img")
    assert set(tree.xpath("//a/@href")) == {f"[[{slot}]]" for slot in SLOTS[name]}


def test_confirming_is_by_button_and_so_is_saying_no(settings, make):
    words = make.visible(compose_mail("confirm", settings, {}).html)
    assert "This wasn’t me" in words
    assert "We send nothing until you confirm." in words


def test_a_confirmation_contains_nothing_that_the_visitor_typed(settings):
    typed = {"name": "Visit https://evil.example now", "address": "x@evil.example"}
    assert compose_mail("confirm", settings, typed) == compose_mail("confirm", settings, {})


def test_a_notice_carries_what_it_was_given_escaped(settings, make):
    document = compose_mail("notice", settings, NOTICE)
    assert document.subject == "Issue 12 waits for you"
    tree = make.tree(document.html)
    assert tree.xpath("//td[contains(@class, 'button')]//a/@href") == [NOTICE["link"]]
    assert [p.text_content() for p in tree.xpath("//*[@class='note']/p")] == [
        "It has 15 stories & 8 jobs.",
        "One warning:<b>slow</b> link",
    ]
    assert "One warning:\n<b>slow</b> link\n" in document.text
    assert NOTICE["link"] in document.text


def test_a_notice_needs_no_link_and_takes_no_slot_and_no_line_in_its_subject(settings, make):
    plain = {k: v for k, v in NOTICE.items() if k != "link"} | {"subject": "a\r\nBcc: [[x]]"}
    document = compose_mail("notice", settings, plain | {"text": "[[unsubscribe_url]]"})
    assert document.slots == frozenset()
    assert document.subject == "a Bcc: [\u2060[x]]"
    assert not make.tree(document.html).xpath("//a")


def test_a_notice_without_its_texts_is_an_error(settings):
    with pytest.raises(PressError, match=r"notice/subject\.txt, line 1: “subject” has no value"):
        compose_mail("notice", settings, {})


@pytest.mark.parametrize("theme", NAMES)
def test_letters_pad_cells_only_and_their_buttons_have_colours_of_their_own_in_dark_mode(theme):
    for name in (*SLOTS, "notice"):
        html = compose_mail(name, settings_of(theme), NOTICE if name == "notice" else {}).html
        tree = lxml.html.document_fromstring(html)
        styles = tree.xpath("//*[@style][not(self::td or self::th)]")
        assert [e.tag for e in styles if PADDING.search(e.get("style"))] == [], name
        assert ("[data-ogsc] .ink .button a" in html) == bool(tree.cssselect(".ink .button a"))
