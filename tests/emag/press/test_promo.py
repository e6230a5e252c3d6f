"""Promos as they are printed: in their places, labelled, apart from the stories."""

from dataclasses import replace

import lxml.html
import pytest

from emag.checks import preflight
from emag.issues.promo import Promo, PromoKind
from emag.press.compose import compose
from emag.press.document import public
from emag.press.words import words
from tests.emag.press.conftest import AT, an_issue

BOOTS = Promo(
    PromoKind.SPONSOR,
    "Good boots & laces",
    "after-lead",
    text="They **last**. [Prices](https://boots.example.org/p)",
    picture="https://boots.example.org/b.png",
    alt="A pair of boots",
    link="https://boots.example.org/?a=1&b=2",
    button="See them",
    advertiser="Boots Ltd",
    id=2,
)
CLOSED = Promo(PromoKind.ANNOUNCEMENT, "We are closed", "top", text="Until **Monday**.", id=1)


def printed(settings, *promos, **more):
    return compose(an_issue(promos=promos, **more), settings, now=AT)


def in_language(settings, language):
    publication = settings.publication.model_copy(update={"language": language})
    return settings.model_copy(update={"publication": publication})


def order_in(text, *words):
    places = [text.index(word) for word in words]
    return places == sorted(places)


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("en-GB", "Advertisement · Sponsored by Boots Ltd"),
        ("cy", "Hysbyseb · Noddwyd gan Boots Ltd"),
        ("de", "Anzeige · Gesponsert von Boots Ltd"),
        ("fr", "Publicité · Sponsorisé par Boots Ltd"),
    ],
)
def test_a_sponsor_is_labelled_in_the_readers_language(settings, language, label):
    document = printed(in_language(settings, language), BOOTS).whole
    assert label in lxml.html.fromstring(document.html).text_content()
    assert label in document.text


def test_a_sponsor_without_a_name_is_labelled_and_an_announcement_is_not(settings):
    document = printed(settings, replace(BOOTS, advertiser="")).whole
    assert "Advertisement\n" in document.text
    assert "Sponsored by" not in document.text
    assert "Advertisement" not in printed(settings, CLOSED).html


def test_promos_stand_in_their_places(settings):
    end = replace(CLOSED, title="The last word", place="end", id=3)
    after = replace(CLOSED, title="After the jobs", place="after:jobs", id=4)
    document = printed(settings, CLOSED, BOOTS, end, after).whole
    html, words = document.html.replace("&amp;", "&"), "Good boots & laces"
    marks = ("We are closed", "Spring is the season", "The bin calendar", words, "New on the blog")
    marks += ("Featured jobs", "After the jobs", ">Events<", "The last word", "Write for The Town")
    assert order_in(html[html.index("<h1") :], *marks)
    marks = ("We are closed", "[[greeting]]", words, "NEW ON THE BLOG", "After the jobs", "EVENTS")
    assert order_in(document.text, *marks, "The last word", "WRITE FOR")


def test_a_promo_after_a_section_without_stories_follows_the_one_before(settings):
    promo = replace(CLOSED, place="after:events")
    html = printed(settings, promo, events=0).whole.html
    assert order_in(html, "Featured jobs", "We are closed", "Write for The Town")
    html = printed(settings, replace(CLOSED, place="after:posts"), posts=1).whole.html
    assert order_in(html, "The bin calendar", "We are closed", "Featured jobs")
    html = printed(settings, replace(CLOSED, place="after:gone")).whole.html
    assert order_in(html, ">Events<", "We are closed", "Write for The Town")


def test_everybody_gets_a_promo_and_it_counts_as_no_story(settings):
    signup = settings.signup.model_copy(update={"topics": ("posts", "jobs", "events")})
    settings = settings.model_copy(update={"signup": signup})
    promo, plain = printed(settings, BOOTS), printed(settings)
    assert promo.topics == {"posts", "jobs", "events"}
    for chosen in ({"posts"}, {"jobs"}, {"events"}, {"posts", "jobs"}):
        variant, without = promo.for_topics(frozenset(chosen)), plain.for_topics(frozenset(chosen))
        assert "Good boots" in variant.text
        assert "Good boots &amp; laces" in variant.html
        assert variant.preheader == without.preheader
    assert (promo.subject, promo.preheader) == (plain.subject, plain.preheader)
    counts = [line for line in promo.text.split("\n") if "In this issue" in line]
    assert counts == [line for line in plain.text.split("\n") if "In this issue" in line]


def test_links_are_https_and_unsafe_ones_are_text(settings):
    promo = replace(BOOTS, link="javascript:alert(1)", text="[x](http://h.example.org) <b>y</b>")
    html = printed(settings, promo).whole.html
    assert "javascript" not in html
    assert "h.example.org" not in html
    assert "&lt;b&gt;" in html


def test_a_slot_in_a_promo_is_text(settings):
    promo = replace(CLOSED, title="[[greeting]]", text="[[when jobs]] [[unsubscribe_url]]")
    document = printed(settings, promo)
    assert document.slots == printed(settings).slots
    assert document.topics == printed(settings).topics


def test_the_archive_has_the_promo_and_no_reader(settings):
    address = "https://mail.crier.example.org/archive/12"
    page = public(printed(settings, BOOTS), archive_url=address, texts=words(settings))
    assert "Advertisement" in page.html
    assert "[[" not in page.html


def faults(issue, settings, document=None):
    document = document or compose(issue, settings, now=AT)
    every = preflight(issue, document, now=AT, settings=settings)
    return [
        (fault.severity, fault.message, fault.where) for fault in every if fault.rule == "promo"
    ]


def test_a_promo_without_text_and_picture_blocks(settings):
    assert faults(an_issue(promos=(BOOTS, CLOSED)), settings) == []
    [(severity, message, where)] = faults(an_issue(promos=(replace(CLOSED, text=""),)), settings)
    assert severity == "block"
    assert "neither text nor picture" in message
    assert "or remove the promo" in message
    assert where == "promo 1: We are closed"


def test_a_template_that_loses_a_label_or_a_promo_blocks(settings):
    issue = an_issue(promos=(BOOTS,))
    document = compose(issue, settings, now=AT)
    unlabelled = replace(document, html=document.html.replace("Advertisement", "Hello"))
    assert ["lacks the label" in m for _, m, _ in faults(issue, settings, unlabelled)] == [True]
    lost = replace(document, text=document.text.replace("Good boots", "Bad"))
    assert ["text part lacks this" in m for _, m, _ in faults(issue, settings, lost)] == [True]
