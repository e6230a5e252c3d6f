"""What an advert says of pay, place, hours and contract, and when a job is over."""

import time
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.vacancies import headline, terms
from emag.content.vacancies.advert import from_advert
from emag.content.vacancies.pay import salary
from emag.content.vacancies.repeats import without_terms
from emag.content.vacancies.vacancy import Vacancy

LONDON = ZoneInfo("Europe/London")
PUBLISHED = date(2026, 3, 2)
ADVERT = """Tell the county's story. You lead a team of four.
Salary: £32,076 – £36,124 per annum
Location: Bury St Edmunds (hybrid)
Hours: 37 per week
Contract: Fixed term for 12 months
Closing date: noon on Sunday 8 March
You will be based in Bury St Edmunds. We pay £32,076 – £36,124 a year, so apply by 8 March."""


def test_an_advert_gives_all_its_facts():
    assert from_advert(
        "Two x Press Officers, Dales Council", ADVERT, published=PUBLISHED
    ) == Vacancy(
        role="Press Officers",
        employer="Dales Council",
        place="Bury St Edmunds",
        places=2,
        closes=date(2026, 3, 8),
        salary="£32,076 – £36,124 per annum",
        closes_at=datetime(2026, 3, 8, 12, tzinfo=LONDON),
        working="hybrid",
        hours="37 hours per week",
        contract="Fixed term for 12 months",
    )


TABLE = """You will lead our work with regional media.
Location
York, Leeds
Salary
£33,423
Contract type
Permanent
Working pattern
Full-time, Job share
Number of jobs available
2
Employer
Fenland Rivers Agency
Closing date
11:55 pm on Sunday 22nd March 2026
Interviews take place on 6 April 2026."""


def test_a_table_of_facts_may_have_its_labels_on_lines_of_their_own():
    job = from_advert("Press Officer", TABLE, published=PUBLISHED)
    assert (job.employer, job.place, job.places) == ("Fenland Rivers Agency", "York, Leeds", 2)
    assert (job.salary, job.contract, job.hours) == ("£33,423", "Permanent", "Full-time, Job share")
    assert job.closes_at == datetime(2026, 3, 22, 23, 55, tzinfo=LONDON)
    assert without_terms(TABLE, job) == "You will lead our work with regional media."


def test_what_is_printed_beside_an_advert_is_not_said_again():
    job = from_advert("Press Officer, Dales Council", ADVERT, published=PUBLISHED)
    assert without_terms(ADVERT, job) == "Tell the county's story. You lead a team of four."


REPEATED = [  # what an advert says beside its prose
    "Salary: £38,000 – £41,000. Location: Hexham (hybrid). Closing date: Sunday 29 March 2026. {}",
    "Press officer, Dales Council, Hexham, £38,000 – £41,000, closes Sunday 29 March 2026. {}",
    "£38,000 – £41,000 | Hexham (hybrid) | Closing date 29 March | Permanent, full time. {}",
    "Salary: £38,000 – £41,000\nWhere: Hexham\nCloses: 5pm, 29 March 2026\n{}",
    "Based in Hexham, {} Pay is £38,000 – £41,000. Apply by 29 March.",
    "{} £38,000 – £41,000. Hexham. 37 hours. Closing date: 29 March 2026.",
    "{} It is a permanent post in Hexham with a salary of £38,000 – £41,000. Closes 29 March.",
    "The council needs you, on £38,000 – £41,000, in Hexham. {} You have until 29 March to apply.",
]


@pytest.mark.parametrize("advert", REPEATED)
def test_a_job_of_the_week_says_pay_place_and_date_once(advert):
    prose = "You will tell the stories of our county (all of them), and answer the media."
    text = advert.format(prose)
    job = from_advert(
        "JOB OF THE WEEK: press officer, dales council, hexham", text, published=PUBLISHED
    )
    assert (job.salary, job.closes) == ("£38,000 – £41,000", date(2026, 3, 29))
    assert (job.place, job.job_of_the_week) == ("hexham", True)
    assert without_terms(text, job) == prose


def test_a_headline_names_the_date_and_the_pay_where_the_body_does_not():
    job = from_advert(
        "Press Officer, £30k, Dales Council (closes 8 March)", "", published=PUBLISHED
    )
    assert (job.employer, job.salary, job.closes) == ("Dales Council", "£30k", date(2026, 3, 8))


@given(st.text(max_size=200))
def test_no_text_breaks_the_search(text):
    for word in ("", "salary £", "Location: ", "Hours: ", "Contract: "):
        job = from_advert(text, word + text, published=PUBLISHED)
        without_terms(word + text, job)


@pytest.mark.parametrize(
    "piece", ["£1", "£1 to ", "a ", "Hours: ", "remote ", "(", "x 2 ", "1,", "London, "]
)
def test_a_long_text_takes_milliseconds(piece):
    text = piece * (60_000 // len(piece))
    headline.read("Clerk, Dales Council")  # reads the lists of names
    begin = time.perf_counter()
    headline.read(text)
    salary(text)
    terms.place(text)
    terms.hours(text)
    terms.working(text)
    terms.contract(text)
    assert time.perf_counter() - begin < 20


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
        ("Our turnover is £450,000. You manage a £60,000 budget.", ""),
        ("You will raise £100,000 a year. Salary: £28,000", "£28,000"),
        ("Salary: competitive", ""),
    ],
)
def test_the_pay_is_given_in_the_words_of_the_board(text, expected):
    assert salary(text) == expected


@pytest.mark.parametrize(
    ("text", "place", "working", "hours", "contract"),
    [
        ("Location: Leeds / hybrid\nHours: 37", "Leeds", "hybrid", "37 hours", ""),
        ("Based in: York.", "York", "", "", ""),
        ("Our location is lovely", "", "", "", ""),
        (
            "The role is based in Stoke-on-Trent with hybrid working.",
            "Stoke-on-Trent",
            "hybrid",
            "",
            "",
        ),
        ("This is a part-time post, 22.5 hours a week.", "", "", "22.5 hours a week", ""),
        (
            "Full time, permanent. Remote working is possible.",
            "",
            "remote",
            "full time",
            "permanent",
        ),
        ("No remote working. Closes 8 March.", "", "", "", ""),
        (
            "Contract type: Fixed term until 31 March 2027",
            "",
            "",
            "",
            "Fixed term until March 2027",
        ),
        ("A six-month secondment", "", "", "", "six-month secondment"),
        ("You run our temporary exhibitions.", "", "", "", ""),
        (
            "Lleoliad: Caernarfon\nOriau: 37 awr yr wythnos",
            "Caernarfon",
            "",
            "37 awr yr wythnos",
            "",
        ),
    ],
)
def test_terms_are_found_in_the_words_of_the_advert(text, place, working, hours, contract):
    assert terms.place(text) == place
    assert terms.working(text) == working
    assert terms.hours(text) == hours
    assert terms.contract(text).replace("31 ", "") == contract


def test_a_job_is_open_on_its_closing_day_and_closed_the_day_after():
    job = Vacancy("officer", closes=date(2026, 3, 8))
    assert not job.closed(date(2026, 3, 8))
    assert not job.closed(datetime(2026, 3, 8, 23, 59, tzinfo=LONDON))
    assert job.closed(date(2026, 3, 9))
    assert not Vacancy("officer").closed(date(2099, 1, 1))


def test_a_job_with_a_time_is_closed_from_that_time_on():
    noon = datetime(2026, 3, 8, 12, tzinfo=LONDON)
    job = Vacancy("officer", closes=noon.date(), closes_at=noon)
    assert not job.closed(datetime(2026, 3, 8, 11, 59, tzinfo=LONDON))
    assert job.closed(noon)
    assert not job.closed(noon.date())
    assert job.closed(date(2026, 3, 9))
