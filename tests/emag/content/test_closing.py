"""Which words close a job, on its page and in its feed, and which do not."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from emag.content import closing
from emag.content.pages.page import PageAnswer
from emag.content.story import Kind, Story
from emag.content.vacancies.vacancy import Vacancy

TODAY = date(2026, 3, 6)
LINK = "https://jobs.example.org/1"


def job(**more):
    return Story("jobs", Kind.JOB, LINK, **{"title": "Clerk, a council"} | more)


@pytest.mark.parametrize(
    "words",
    [
        "This vacancy has now closed.",
        "Sorry, this job has been filled!",
        "The position is no longer available.",
        "this vacancy is now closed",
        "This job advert has expired",
        "We are no longer accepting applications for this role.",
        "Applications have now closed.",
        "Applications for this role are closed",
        "This post has since been withdrawn.",
        "Diese Stelle ist leider nicht mehr verfügbar.",
        "Cette offre n’est plus disponible.",
        "Ce poste est désormais pourvu.",
        "Mae’r swydd hon bellach wedi cau.",
        "The vacancy you are trying to view has closed.",
        "Unfortunately the role you are looking for has been filled.",
        "We have now filled this position.",
        "The closing date for this vacancy has now passed.",
        "Mae’r dyddiad cau bellach wedi mynd heibio.",
    ],
)
def test_words_that_close_a_job(words):
    page = f"<html><title>Clerk</title><body><p>Apply soon.</p><p>{words}</p></html>"
    assert closing.of_page(PageAnswer(200, page)).startswith("closed: its page says “")
    assert closing.of_source(job(body=f"<p>A good job.</p><p>{words}</p>"))
    assert closing.of_source(job(summary=f"A good job. {words}"))


@pytest.mark.parametrize(
    "words",
    [
        "We may close early if this vacancy has been filled.",
        "Once the position has been filled, this page disappears.",
        "This advert will be removed when the job is closed.",
        "The vacancy closes on Sunday at midnight.",
        "This role is open until filled.",
        "You will work with closed questions and filled forms.",
        "Closing date: 14 March 2026",
        "The office is closed on Fridays.",
        "Before applications are closed we hold a webinar.",
        "Once the closing date has passed you will hear from us.",
        "Our last officer has been filled with pride.",
    ],
)
def test_words_that_close_nothing(words):
    assert closing.of_page(PageAnswer(200, f"<p>{words}</p>")) == ""
    assert closing.of_source(job(body=f"<p>{words}</p>", summary=words)) == ""


def test_words_that_nobody_sees_close_nothing():
    sentence = "This vacancy has now closed."
    for markup in (
        f"<script>var message = '{sentence}'</script>",
        f"<template><p>{sentence}</p></template>",
        f"<div hidden><br><p>{sentence}</p></div>",
        f'<div style="display: none">{sentence}</div>',
    ):
        assert closing.of_page(PageAnswer(200, f"<body>{markup}<p>Apply.</p></body>")) == "", markup


def test_a_page_that_is_gone_closes_a_job_and_one_in_trouble_does_not():
    assert closing.of_page(PageAnswer(404)) == "closed: its page is gone (HTTP 404)"
    assert closing.of_page(PageAnswer(410)) == "closed: its page is gone (HTTP 410)"
    for status in (0, 200, 301, 403, 429, 500, 503):
        assert closing.of_page(PageAnswer(status)) == ""


@pytest.mark.parametrize(
    "title",
    ["[CLOSED] Clerk, a council", "Clerk, a council (filled)", "Closed: Clerk", "Clerk – closed"],
)
def test_a_mark_in_the_title_closes_a_job(title):
    assert closing.of_source(job(title=title))


@pytest.mark.parametrize("title", ["Closed school officer", "Officer, filled potholes (North)"])
def test_a_title_with_such_a_word_does_not(title):
    assert closing.of_source(job(title=title)) == ""


def test_a_label_alone_closes_a_job_in_its_feed():
    assert closing.of_source(job(body="<p>A good job.</p><p><b>Position filled</b></p>"))
    related = "<ul><li><a>Another job</a> <span>Position filled</span></li></ul>"
    assert closing.of_page(PageAnswer(200, f"<p>Apply.</p>{related}")) == ""


def test_the_first_reason_is_the_date():
    story = job(vacancy=Vacancy("Clerk", closes=date(2026, 3, 5)), summary="Applications closed")
    assert (
        closing.reason(story, "closed: its page is gone (HTTP 404)", TODAY) == "closed on 5 March"
    )
    open_job = job(vacancy=Vacancy("Clerk", closes=TODAY))
    assert closing.reason(open_job, "", TODAY) == ""
    assert closing.reason(open_job, "closed: gone", TODAY) == "closed: gone"
    post = Story("posts", Kind.POST, LINK, "This vacancy has now closed")
    assert closing.reason(post, "gone", TODAY) == ""


def test_a_job_with_a_time_is_over_from_that_time_on():
    noon = datetime(2026, 6, 12, 11, tzinfo=UTC)
    story = job(vacancy=Vacancy("Clerk", closes=date(2026, 6, 12), closes_at=noon))
    here = ZoneInfo("Europe/London")
    assert closing.reason(story, "", datetime(2026, 6, 12, 11, 59, tzinfo=here)) == ""
    at_noon = datetime(2026, 6, 12, 12, 0, tzinfo=here)
    assert closing.reason(story, "", at_noon) == "closed on 12 June at 12:00"
