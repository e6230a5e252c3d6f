"""Promos as nouns: what is wrong with one, what became of a run, and text that reads back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.issues.promo import (
    Promo,
    PromoKind,
    RunStatus,
    faults,
    incomplete,
    place_in_words,
    run_status,
    tidy,
)

SECTIONS = ["posts", "jobs"]
GOOD = Promo(
    PromoKind.SPONSOR,
    "Good boots",
    "after:posts",
    text="They last. [Prices](https://boots.example.org/p) or <mailto:b@example.org>",
    picture="https://boots.example.org/b.png",
    alt="A pair of boots",
    link="https://boots.example.org",
    button="See them",
    advertiser="Boots Ltd",
)


def test_a_good_promo_has_no_fault():
    assert not list(faults(GOOD, SECTIONS))
    announcement = Promo(PromoKind.ANNOUNCEMENT, "We are closed", "top", text="Until Monday.")
    assert not list(faults(announcement, SECTIONS))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": ""}, "needs a title"),
        ({"title": "x" * 201}, "title has 201 characters"),
        ({"place": "top"}, "cannot stand at the top"),
        ({"place": "after:news"}, "no section “news”: there are posts, jobs"),
        ({"place": "middle"}, "no place “middle”"),
        ({"alt": ""}, "needs an alt text"),
        ({"link": ""}, "button needs an address"),
        ({"link": "http://boots.example.org"}, "link “http://boots.example.org” is not"),
        ({"link": "javascript:alert(1)"}, "is not a full https address"),
        ({"link": "https://[boots"}, "is not a full https address"),
        ({"picture": "boots.png"}, "picture “boots.png” is not"),
        ({"text": "[here](http://boots.example.org)"}, "“http://boots.example.org” in the text"),
        ({"text": "<ftp://boots.example.org/x>"}, "“ftp://boots.example.org/x” in the text"),
        ({"kind": PromoKind.ANNOUNCEMENT}, "An announcement has no advertiser"),
    ],
)
def test_each_fault_is_one_sentence(change, words):
    [fault] = faults(replace(GOOD, **change), SECTIONS)
    assert words in fault.sentence
    assert fault.sentence.endswith((".", "…"))


def test_http_is_fine_where_a_publication_is_tried_out():
    local = replace(GOOD, link="http://127.0.0.1:8000/", text="[x](http://127.0.0.1:8000/)")
    assert list(faults(local, SECTIONS))
    assert not list(faults(local, SECTIONS, loopback=True))


def test_a_promo_without_text_and_picture_is_incomplete():
    assert incomplete(GOOD) == ""
    assert incomplete(replace(GOOD, text="")) == ""
    assert "neither text nor picture" in incomplete(replace(GOOD, text="", picture=""))


@given(st.booleans(), st.booleans(), st.booleans())
def test_a_run_has_one_status(has_begun, is_given_up, is_past):
    status = run_status(has_begun=has_begun, is_given_up=is_given_up, is_past=is_past)
    assert (status is RunStatus.RAN) == has_begun
    assert (status is RunStatus.BOOKED) == (not (has_begun or is_given_up or is_past))


@given(st.text(), st.text(), st.sampled_from(PromoKind), st.integers(0, 10**6))
def test_a_promo_reads_back_as_it_was_written(title, text, kind, number):
    promo = Promo(kind, title, "end", text=text, id=number)
    assert Promo.read(promo.written()) == promo
    assert tidy(tidy(promo)) == tidy(promo)


def test_places_are_spoken():
    assert place_in_words("after-lead") == "after the lead story"
    assert place_in_words("after:posts") == "after the section “posts”"
