"""Examines the templates: prints a sample issue with a story of each kind."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from emag.content.story import Kind, Story
from emag.content.vacancy import Vacancy
from emag.doctor.problem import Problem
from emag.errors import EmagError
from emag.issues.issue import Issue, Pick, Section, Status
from emag.press.compose import compose
from emag.press.words import words
from emag.settings import Settings

_DAY = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def examine(settings: Settings) -> Iterator[Problem]:
    try:
        compose(_sample(settings), settings, now=_DAY)
        yield from (Problem("templates", fault, "warn") for fault in words(settings).faults)
    except EmagError as error:
        yield Problem("templates", str(error))


def _sample(settings: Settings) -> Issue:
    link = "https://www.example.org/"
    stories = [
        Story(
            "sample", Kind.POST, f"{link}post", "A post", summary="What it says.", published=_DAY
        ),
        Story(
            "sample",
            Kind.JOB,
            f"{link}job",
            "A job",
            vacancy=Vacancy(role="Editor", employer="A council", closes=date(2026, 4, 1)),
        ),
        Story("sample", Kind.EVENT, f"{link}event", "An event", starts=_DAY, place="Exampleton"),
    ]
    picks = tuple(Pick(number, story) for number, story in enumerate(stories, start=1))
    sections = tuple(Section(s.name, s.title, picks) for s in settings.sections)
    return Issue(
        number=1,
        status=Status.DRAFT,
        subject="A sample",
        since=None,
        until=_DAY,
        send_at=None,
        local_date="2026-03-05",
        sections=sections,
        note="A **note**.",
    )
