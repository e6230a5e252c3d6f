"""Boards that hand out vacancies as JSON."""

import json
from datetime import UTC, date, datetime

import pytest

from emag.content.sources import Memory
from emag.content.sources.fetch import FetchedPage
from emag.content.sources.jobs import JobsSource
from emag.errors import SourceError

URL = "https://board.example/jobs"


def read(document):
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return JobsSource("jobs", URL).stories(FetchedPage(URL, body, "", Memory()))


def facts(document):
    (story,) = read(document).stories
    v = story.vacancy
    return (v.role, v.employer, v.place, v.closes, v.salary, story.link, story.published)


def posting(**more):
    return {"@type": "JobPosting", "title": "Press officer", "url": "/jobs/7", **more}


def test_greenhouse():
    board = {
        "jobs": [
            {
                "id": 7,
                "title": "Press officer",
                "absolute_url": "https://board.example/jobs/7",
                "location": {"name": "York"},
                "company_name": "Ferry Co",
                "updated_at": "2026-03-01T10:00:00-05:00",
                "departments": [{"name": "Media"}],
                "content": "&lt;p&gt;Salary: £30k. Closing date: 14 March 2026&lt;/p&gt;",
            }
        ],
        "meta": {"total": 1},
    }
    assert facts(board) == (
        *("Press officer", "Ferry Co", "York", date(2026, 3, 14), "£30k"),
        "https://board.example/jobs/7",
        datetime(2026, 3, 1, 15, tzinfo=UTC),
    )
    (story,) = read(board).stories
    assert story.body == "<p>Salary: £30k. Closing date: 14 March 2026</p>"
    assert story.categories == ("Media",)


def test_an_empty_board_is_no_error():
    assert read({"jobs": [], "meta": {"total": 0}}).stories == ()


def test_lever_counts_in_milliseconds():
    board = [
        {
            "text": "Press officer",
            "hostedUrl": "https://board.example/jobs/7",
            "categories": {"location": "York", "team": "Media"},
            "descriptionPlain": "Ring us",
            "createdAt": 1772355600000,
        }
    ]
    assert facts(board) == (
        *("Press officer", "", "York", None, "", "https://board.example/jobs/7"),
        datetime(2026, 3, 1, 9, tzinfo=UTC),
    )


PLACE = {"@type": "Place", "address": {"addressLocality": "York", "addressRegion": "N Yorks"}}


@pytest.mark.parametrize(
    ("value", "employer"),
    [
        ({"@type": "Organization", "name": "Ferry Co"}, "Ferry Co"),
        ([{"name": "Ferry Co"}, {"name": "Other"}], "Ferry Co"),
        ("Ferry Co", "Ferry Co"),
        ("https://ferry.example", ""),
        ({"@id": "#ferry"}, "Ferry Co"),
        ({"@id": "#nobody"}, ""),
        (None, ""),
        (7, ""),
    ],
)
def test_an_employer_has_many_shapes(value, employer):
    graph = {"@graph": [posting(hiringOrganization=value), {"@id": "#ferry", "name": "Ferry Co"}]}
    assert facts(graph)[1] == employer


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (PLACE, "York, N Yorks"),
        ([PLACE, {"name": "Hull"}], "York, N Yorks / Hull"),
        ("York", "York"),
        ({"address": "1 Quay, York"}, "1 Quay, York"),
        ({"address": {"addressCountry": {"name": "Wales"}}}, "Wales"),
        ({"@id": "#york"}, "York, N Yorks"),
        (None, ""),
    ],
)
def test_a_place_has_many_shapes(value, place):
    graph = {"@graph": [posting(jobLocation=value), {"@id": "#york", **PLACE}]}
    assert facts(graph)[2] == place


@pytest.mark.parametrize(
    ("value", "pay"),
    [
        ("30000", "30000"),
        (
            {
                "currency": "GBP",
                "value": {"minValue": 30000, "maxValue": 35000.5, "unitText": "YEAR"},
            },
            "£30,000 – £35,000.50 a year",
        ),
        ({"currency": "GBP", "value": {"value": 15}}, "£15"),
        ({"currency": "GBP"}, ""),
        (None, ""),
    ],
)
def test_a_salary_has_many_shapes(value, pay):
    assert facts(posting(baseSalary=value))[4] == pay


def test_schema_org_in_full():
    job = posting(
        datePosted="2026-03-01", validThrough="2026-03-14T23:59:59Z", jobLocationType="TELECOMMUTE"
    )
    assert facts(job) == (
        *("Press officer", "", "Remote", date(2026, 3, 14), "", "https://board.example/jobs/7"),
        datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_a_posting_with_a_name_and_no_title():
    job = posting(name="Web editor")
    del job["title"]
    assert facts(job)[0] == "Web editor"


def test_a_posting_without_a_link_is_noted():
    job = posting()
    del job["url"]
    assert read(job).notes == ("“Press officer” has no link",)


def test_postings_inside_a_web_page():
    page = (
        "<!doctype html><html><head><title>Jobs</title>"
        '<script type="application/ld+json">{broken</script>'
        f'<script type="application/ld+json">{json.dumps([posting()])}</script>'
        "</head><body>Jobs</body></html>"
    )
    assert facts(page.encode())[5] == "https://board.example/jobs/7"


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[]",
        b"[1, null]",
        b'{"jobs": 7}',
        b"{",
        b"[" * 100_000,
        b'{"rss": {"channel": {}}}',
        b"<html><body>No jobs</body></html>",
        b"\xff\xfe{",
    ],
)
def test_what_is_no_board_is_refused(body):
    with pytest.raises(SourceError):
        read(body)


def test_levers_terms_are_fields_of_their_own():
    vacancy = {
        "id": "1",
        "text": "Press Officer",
        "hostedUrl": "https://board.example/1",
        "categories": {"location": "Leeds", "commitment": "Part-time, fixed term"},
        "workplaceType": "hybrid",
        "salaryRange": {
            "min": 30000,
            "max": 35000,
            "currency": "GBP",
            "interval": "per-year-salary",
        },
    }
    (story,) = read([vacancy]).stories
    job = story.vacancy
    assert (job.place, job.working) == ("Leeds", "hybrid")
    assert (job.hours, job.contract) == ("part-time", "fixed term")
    assert job.salary == "£30,000 – £35,000 a year"


def test_a_postings_terms_are_read():
    posting = {
        "@type": "JobPosting",
        "title": "Two x Press Officers",
        "url": "https://board.example/1",
        "employmentType": ["FULL_TIME", "TEMPORARY"],
        "jobLocationType": "TELECOMMUTE",
        "hiringOrganization": {"name": "Dales Council"},
        "validThrough": "2026-06-12T12:00:00+01:00",
    }
    (story,) = read(posting).stories
    job = story.vacancy
    assert (job.role, job.places, job.employer) == ("Press Officers", 2, "Dales Council")
    assert (job.working, job.hours, job.contract) == ("remote", "full time", "temporary")
    assert job.closes_at.isoformat() == "2026-06-12T12:00:00+01:00"
