"""Pages of stories are asked within limits, and each gives an answer or none."""

import threading
import time
from datetime import timedelta

import pytest

from emag.content.pages.page import PageAnswer
from emag.content.sources.pages import WebPages

SOON = timedelta(seconds=10)


@pytest.fixture
def ask(site):
    pages = WebPages(allow_private=True, base_url="https://mail.crier.example.org")
    return lambda *paths, within=SOON: pages.ask(
        [path if "://" in path else site.url + path for path in paths], within=within
    )


def test_each_address_has_an_answer_in_order(site, ask):
    site.serve("/open", "<p>Apply</p>")
    site.serve("/gone", "", status=410)
    site.serve("/trouble", "This vacancy has now closed.", status=500)
    site.redirect("/moved", "/missing")
    answers = ask("/gone", "/open", "/missing", "/moved", "/trouble", "/open")
    assert [answer.status for answer in answers] == [410, 200, 404, 404, 500, 200]
    assert [answer.is_gone for answer in answers] == [True, False, True, True, False, False]
    assert answers[1].text == "<p>Apply</p>"
    assert answers[4].text == ""
    assert [path for path, _ in site.requests].count("/open") == 1


def test_what_cannot_be_asked_has_no_answer(site, ask):
    site.redirect("/circle", "/circle")
    addresses = ("/circle", "http://127.0.0.1:1/", "http://nowhere.invalid/", "mailto:ann@x.org")
    assert ask(*addresses) == [PageAnswer()] * len(addresses)
    assert ask() == []


def test_private_addresses_are_not_asked(site):
    site.serve("/open", "")
    pages = WebPages(allow_private=False, base_url="https://mail.crier.example.org")
    assert pages.ask([site.url + "/open"], within=SOON) == [PageAnswer()]
    assert site.requests == []


def test_emag_never_asks_itself(site):
    site.serve("/archive/1", "")
    pages = WebPages(allow_private=True, base_url=site.url)
    assert pages.ask([site.url + "/archive/1"], within=SOON) == [PageAnswer()]
    assert site.requests == []


def test_a_slow_page_does_not_hold_up_the_others(site, ask):
    finish = threading.Event()
    site.answer("/slow", lambda _: finish.wait(60))
    site.serve("/open", "")
    before = time.monotonic()
    answers = ask("/slow", "/open", within=timedelta(seconds=1))
    finish.set()
    assert [answer.status for answer in answers] == [0, 200]
    assert time.monotonic() - before < 30


def test_only_the_start_of_a_long_page_is_read(site, ask):
    site.serve("/long", b"x" * 3_000_000)
    [answer] = ask("/long")
    assert (answer.status, len(answer.text)) == (200, 500_000)
