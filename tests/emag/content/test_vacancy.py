"""Headlines of vacancies and the facts in their bodies."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.vacancy import Vacancy, closing_date, location, parse_title, salary

TITLES = [
    # title, role, employer, place, places, job of the week
    (
        "*JOB OF THE WEEK* communications manager – place, sandwell council",
        ("communications manager – place", "sandwell council", "", 1, True),
    ),
    (
        "external communications officer (x 2), wakefield council",
        ("external communications officer", "wakefield council", "", 2, False),
    ),
    ("Press officer at Leeds Museum", ("Press officer", "Leeds Museum", "", 1, False)),
    ("Editor at Large, The Paper", ("Editor at Large", "The Paper", "", 1, False)),
    ("Press officer | NHS Dales | York", ("Press officer", "NHS Dales", "York", 1, False)),
    ("Dales Council | Press officer", ("Press officer", "Dales Council", "", 1, False)),
    ("Press officer @ Ferry Co, Hull", ("Press officer", "Ferry Co", "Hull", 1, False)),
    ("Press Officer - Dales Council", ("Press Officer", "Dales Council", "", 1, False)),
    ("Press Officer - Acme", ("Press Officer", "Acme", "", 1, False)),
    ("Press Officer - Maternity Cover", ("Press Officer - Maternity Cover", "", "", 1, False)),
    ("communications manager – place", ("communications manager – place", "", "", 1, False)),
    ("Dales Council – Press Officer", ("Press Officer", "Dales Council", "", 1, False)),
    ("Dales Police: head of news", ("Dales Police: head of news", "", "", 1, False)),
    ("Media, PR and campaigns officer", ("Media, PR and campaigns officer", "", "", 1, False)),
    (
        "head of communications, marketing and engagement, dales city council",
        ("head of communications, marketing and engagement", "dales city council", "", 1, False),
    ),
    (
        "officer (media, events), university of the dales, york",
        ("officer (media, events)", "university of the dales", "york", 1, False),
    ),
    ("Digital officer (3 posts), Kent", ("Digital officer", "Kent", "", 3, False)),
    ("Digital officer x2, Kent", ("Digital officer", "Kent", "", 2, False)),
    ("Digital officers (two roles), Kent", ("Digital officers", "Kent", "", 2, False)),
    ("Job of the week: web editor, Kent", ("web editor", "Kent", "", 1, True)),
    ("web editor, Kent (JOB OF THE WEEK)", ("web editor", "Kent", "", 1, True)),
    ("Software Engineer", ("Software Engineer", "", "", 1, False)),
    ("", ("", "", "", 1, False)),
]


@pytest.mark.parametrize(("title", "expected"), TITLES, ids=lambda value: str(value)[:40])
def test_a_headline_is_taken_apart(title, expected):
    v = parse_title(title)
    assert (v.role, v.employer, v.place, v.places, v.job_of_the_week) == expected


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Press officer, media team, Ferry Co", "Press officer, media team"),
        ("Press officer – place at ferry co", "Press officer – place"),
        ("Press officer, Kent", "Press officer, Kent"),
    ],
)
def test_an_employer_that_is_named_apart_leaves_the_role_whole(title, role):
    assert parse_title(title, employer="Ferry Co") == Vacancy(role, "Ferry Co")


words = st.text(alphabet="aB,|–-: @()x2*É\u00a0", max_size=40) | st.text(max_size=60)


@given(words)
def test_any_headline_has_a_role_made_of_its_own_words(title):
    v = parse_title(title)
    assert bool(v.role) == bool(title.split())
    assert 1 <= v.places <= 99
    for part in (v.role, v.employer, v.place):
        assert set(part) <= set(title) | {" ", ","}


PUBLISHED = date(2026, 3, 2)
CLOSING = [
    ("Closing date: 14 March 2026", date(2026, 3, 14)),
    ("closes midnight on Sunday 8 March", date(2026, 3, 8)),
    ("Deadline: 14/03/2026", date(2026, 3, 14)),
    ("apply by 5pm, Friday 13th March", date(2026, 3, 13)),
    ("Closing Date\n15 Mar 2026", date(2026, 3, 15)),
    ("Closing date: 2026-03-20T23:59", date(2026, 3, 20)),
    ("closes 23.59 on 14.03.26", date(2026, 3, 14)),
    ("Applications close on March 20th, 2026", date(2026, 3, 20)),
    ("Applications must be with us by noon on the 1st of April", date(2026, 4, 1)),
    ("Closing on Sunday\u00a029th\u00a0March.", date(2026, 3, 29)),
    ("Closing date extended to 21 March (was 14 March)", date(2026, 3, 21)),
    ("Closing date: 9am, Monday 16 March 2026. Interviews: 1 April", date(2026, 3, 16)),
    ("Closing date: to be agreed. Interviews: 14 March", None),
    ("Closing date: 31 February 2026", None),
    ("Deadline: 03/14/2026", None),
    ("We are closing the gap. Our fair is on 14 March.", None),
    ("Posted on 14 March 2026", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "expected"), CLOSING)
def test_the_closing_date_is_found_in_words(text, expected):
    assert closing_date(text, published=PUBLISHED) == expected


@pytest.mark.parametrize(
    ("text", "published", "expected"),
    [
        ("closes 9 January", date(2025, 12, 29), date(2026, 1, 9)),
        ("closes 20 December", date(2026, 1, 5), date(2025, 12, 20)),  # announced again
        ("closes 29 February", date(2027, 12, 1), date(2028, 2, 29)),
        ("closes Friday 9 January", date(2025, 12, 29), date(2026, 1, 9)),
        ("closes 9 January", None, None),
        ("closes 9 January 2026", None, date(2026, 1, 9)),
    ],
)
def test_a_missing_year_comes_from_the_day_of_publication(text, published, expected):
    assert closing_date(text, published=published) == expected


@given(st.dates(date(2010, 1, 1), date(2080, 12, 31)), st.integers(0, 300))
def test_a_day_without_a_year_is_the_next_such_day(published, ahead):
    closes = date.fromordinal(published.toordinal() + ahead)
    text = f"Closing date: {closes:%A} {closes.day} {closes:%B}"
    assert closing_date(text, published=published) == closes


@given(st.text(max_size=200), st.none() | st.dates())
def test_no_text_breaks_the_search(text, published):
    for word in ("", "closing date: ", "salary £", "Location: "):
        closing_date(word + text, published=published)
        salary(word + text)
        location(word + text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Salary: £32,076 – £36,124 per annum (pro rata)",
            "£32,076 – £36,124 per annum (pro rata)",
        ),
        ("£35k", "£35k"),
        ("We pay up to £45,000 a year.", "up to £45,000 a year"),
        ("£18.50 per hour", "£18.50 per hour"),
        ("Grade H £38,626 - £41,511 p.a. plus", "£38,626 - £41,511 p.a."),
        ("You manage a £250,000 budget. Salary £30k-£35k", "£30k-£35k"),
        ("an organisation of £2 million", ""),
        ("tickets are £20", ""),
        ("Salary: competitive", ""),
    ],
)
def test_the_pay_is_given_in_the_words_of_the_board(text, expected):
    assert salary(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Salary: £1\nLocation: Leeds / hybrid\nHours: 37", "Leeds / hybrid"),
        ("Based in: York.", "York"),
        ("Our location is lovely", ""),
    ],
)
def test_the_place_is_found_on_its_line(text, expected):
    assert location(text) == expected


def test_a_job_is_open_on_its_closing_day_and_closed_the_day_after():
    job = Vacancy("officer", closes=date(2026, 3, 8))
    assert not job.closed(date(2026, 3, 8))
    assert job.closed(date(2026, 3, 9))
    assert not Vacancy("officer").closed(date(2099, 1, 1))
