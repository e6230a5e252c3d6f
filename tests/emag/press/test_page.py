"""What a template sees: facts in words, pictures that fit."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.story import Picture
from emag.content.vacancies.vacancy import Vacancy
from emag.press import occasions
from emag.press.illustration import at_source
from emag.press.page import page
from emag.press.words import words

BOX = (168, 224)


@pytest.mark.parametrize(
    ("size", "width"),
    [
        ((1200, 675), 168),  # wide: as wide as the box
        ((600, 1400), 96),  # tall: as tall as the box
        ((100, 100), 100),  # small: its own size
        ((0, 0), 168),  # unknown
        ((0, 900), 168),
        ((50, 5000), 2),
    ],
)
def test_a_picture_keeps_its_proportions(size, width):
    picture_frame = at_source(Picture("https://example.org/a.png", "A hill", *size), BOX)
    assert (picture_frame.width, picture_frame.alt) == (width, "A hill")


@pytest.mark.parametrize(
    "picture",
    [
        None,
        Picture("javascript:alert(1)", "x"),
        Picture("https://example.org/pixel.gif", "", 1, 1),
        Picture("https://example.org/icon.png", "", 32, 32),
    ],
)
def test_icons_and_tracking_pixels_are_not_printed(picture):
    assert at_source(picture, BOX) is None


@given(st.integers(48, 9000), st.integers(48, 9000))
def test_no_picture_leaves_its_box(wide, high):
    picture_frame = at_source(Picture("https://example.org/a.png", "", wide, high), BOX)
    assert 1 <= picture_frame.width <= min(168, wide)
    assert picture_frame.width * high / wide <= 224 + high / wide  # rounded to a whole pixel


def test_a_picture_that_nobody_described_has_no_words():
    picture_frame = at_source(Picture("https://example.org/a.png"), BOX)
    assert picture_frame.alt == ""


def test_an_issue_has_one_job_of_the_week_and_it_comes_first(settings, make):
    weekly = make.job(1)
    issue = make.issue(0, [make.job(0), weekly, replace(weekly, link="https://example.org/2")], 0)
    (block,) = page(issue, settings, now=make.at).sections[0].blocks
    assert [job.of_the_week for job in block.items] == [True, False, False]
    assert block.items[0].link == weekly.link


def test_a_job_is_printed_with_the_facts_of_its_board(settings, make):
    issue = make.issue(0, [make.job(2), make.job(3), make.job(0, vacancy=None)], 0)
    two, silent, bare = page(issue, settings, now=make.at).sections[0].blocks[0].items
    assert (two.employer, two.place) == ("Vale & Downs NHS Trust", "Remote")
    assert two.terms == ("£35,392 to £42,618", "2 posts")
    assert two.closes == "Closes Monday 16 March"
    assert (silent.terms, silent.closes) == ((), "")
    assert bare.role == "Senior Communications Officer – Exampleshire County Council"


def test_a_job_is_printed_with_its_closing_time_and_its_terms(settings, make):
    noon = datetime(2026, 6, 12, 11, tzinfo=UTC)
    facts = {"working": "hybrid", "hours": "22 hours a week", "contract": "fixed term"}
    vacancy = Vacancy("Clerk", closes=noon.date(), closes_at=noon, **facts)
    issue = make.issue(0, [make.job(0, vacancy=vacancy)], 0)
    (job,) = page(issue, settings, now=make.at).sections[0].blocks[0].items
    assert job.closes == "Closes Friday 12 June, midday"
    assert job.terms == ("Hybrid, 22 hours a week, fixed term",)


def test_an_event_has_the_date_in_the_publications_zone(settings, make):
    late = make.event(0, starts=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    undated = make.event(1, starts=None)
    issue = make.issue(0, 0, [late, undated])
    first, second = page(issue, settings, now=make.at).sections[0].blocks[0].items
    assert (first.day, first.month, first.when) == ("1", "Jul", "Wednesday 1 July, 12:30am")
    assert (second.day, second.month, second.when) == ("", "", "")


def test_a_story_without_a_title_has_its_first_words(settings, make):
    posts = [make.post(0), make.post(1, title=" \n"), make.post(2, title="", summary="")]
    (block,) = page(make.issue(posts, 0, 0), settings, now=make.at).sections[0].blocks
    assert block.items[0].title.startswith("A flood alert is read by")
    assert block.items[1].title == "https://crier.example.org/posts/2"


@pytest.mark.parametrize(
    ("hour", "minute", "time"),
    [
        (0, 0, ""),
        (0, 5, "12:05am"),
        (9, 0, "9am"),
        (12, 0, "midday"),
        (12, 30, "12:30pm"),
        (17, 30, "5:30pm"),
    ],
)
def test_times_are_written_as_on_public_pages(settings, hour, minute, time):
    at = datetime(2026, 3, 5, hour, minute, tzinfo=UTC)
    assert occasions.clock(at, words(settings)) == time


def test_the_year_is_written_if_it_is_not_this_year(settings):
    today, dates = date(2026, 3, 5), words(settings).dates
    assert dates.near(date(2026, 12, 31), today) == "Thursday 31 December"
    assert dates.near(date(2027, 1, 1), today) == "Friday 1 January 2027"


def test_a_list_ends_with_and(settings):
    listed = words(settings).listed
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("starts", "ends", "when"),
    [
        ("2026-03-06T10:00", None, "Friday 6 March, 10am"),
        ("2026-03-06T10:00", "2026-03-06T12:00", "Friday 6 March, 10am to midday"),
        ("2026-03-06T00:00", None, "Friday 6 March"),
        ("2026-03-06T00:00", "2026-03-08T00:00", "Friday 6 March to Sunday 8 March"),
        ("2026-03-06T19:30", "2026-03-07T00:00", "Friday 6 March, 7:30pm to midnight"),
        ("2026-03-06T22:00", "2026-03-07T03:00", "Friday 6 March, 10pm to 3am"),
        ("2026-03-06T09:00", "2026-03-08T16:00", "Friday 6 March, 9am to Sunday 8 March"),
        ("2026-02-01T00:00", "2026-04-30T00:00", "Until Thursday 30 April"),
        (
            "2026-12-31T20:00",
            "2027-01-02T20:00",
            "Thursday 31 December, 8pm to Saturday 2 January 2027",
        ),
    ],
)
def test_when_an_event_takes_place(settings, starts, ends, when):
    first, last = datetime.fromisoformat(starts), datetime.fromisoformat(ends) if ends else None
    assert occasions.event_time(first, last, date(2026, 3, 5), words(settings)).startswith(when)
