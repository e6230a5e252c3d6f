"""A sample issue with a story of each kind, to try templates and colours on."""

from datetime import UTC, date, datetime

from emag.content.story import Kind, Story
from emag.content.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section, Status
from emag.settings import Settings

DAY = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def issue(settings: Settings) -> Issue:
    """The sample in the sections of the settings."""
    link = "https://www.example.org/"
    stories = [
        Story("sample", Kind.POST, f"{link}post", "A post", summary="What it says.", published=DAY),
        Story(
            "sample",
            Kind.JOB,
            f"{link}job",
            "A job",
            vacancy=Vacancy(role="Editor", employer="A council", closes=date(2026, 4, 1)),
        ),
        Story("sample", Kind.EVENT, f"{link}event", "An event", starts=DAY, place="Exampleton"),
    ]
    picks = tuple(Pick(number, story) for number, story in enumerate(stories, start=1))
    sections = tuple(Section(s.name, s.title, picks) for s in settings.sections)
    return Issue(
        number=1,
        status=Status.DRAFT,
        subject="A sample",
        since=None,
        until=DAY,
        send_at=None,
        local_date="2026-03-05",
        sections=sections,
        note="A **note**.",
    )
