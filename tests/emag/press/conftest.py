"""A full issue to print, in our own words, and short ways to vary it."""

import hashlib
import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from emag.content.pictures.picture import StoredPicture, Use
from emag.content.story import Kind, Picture, Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section, Status
from emag.press.compose import compose
from emag.settings import Settings

AT = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SITE = "https://crier.example.org"
TEXTS = tomllib.loads((Path(__file__).parent / "stories.toml").read_text("utf-8"))

NOTE = """Spring is the season of budgets, and of explaining them. This week we look at how a
kitchen table beat a design agency, why one town went quiet on purpose, and what a street can say
about **two hundred million pounds**.

If you read only one thing, read [the piece about the bins](https://crier.example.org/bins). It is
not really about bins.
"""


def a_post(number: int, **changes: Any) -> Story:
    text = TEXTS["post"][number % len(TEXTS["post"])]
    size, alt = text.get("picture"), text.get("alt", "")
    story = Story(
        source="posts",
        kind=Kind.POST,
        link=f"{SITE}/posts/{number}",
        title=text["title"],
        summary=text["summary"],
        published=AT - timedelta(days=number % 6),
        picture=Picture(f"{SITE}/pictures/{number}.png", alt, *size) if size else None,
        author=text.get("author", ""),
        categories=tuple(filter(None, (text.get("category"),))),
        kicker=text.get("category", ""),
    )
    return replace(story, **changes)


def a_job(number: int, **changes: Any) -> Story:
    facts = dict(TEXTS["job"][number % len(TEXTS["job"])])
    summary = facts.pop("summary", "")
    vacancy = Vacancy(**facts)
    story = Story(
        source="jobs",
        kind=Kind.JOB,
        link=f"{SITE}/jobs/{number}",
        title=f"{vacancy.role} – {vacancy.employer}",
        summary=summary,
        featured=vacancy.job_of_the_week,
        vacancy=vacancy,
    )
    return replace(story, **changes)


def an_event(number: int, **changes: Any) -> Story:
    text = TEXTS["event"][number % len(TEXTS["event"])]
    link = f"{SITE}/events/{number}"
    return replace(Story(source="events", kind=Kind.EVENT, link=link, **text), **changes)


def an_issue(posts: Any = 15, jobs: Any = 8, events: Any = 3, **changes: Any) -> Issue:
    """An issue of so many stories, or of the stories given; `changes` are the issue's own."""
    contents = (
        ("posts", "New on the blog", _stories(posts, a_post)),
        ("jobs", "Featured jobs", _stories(jobs, a_job)),
        ("events", "Events", _stories(events, an_event)),
    )
    ids = iter(range(1, 1000))
    facts: dict[str, Any] = {
        "number": 12,
        "status": Status.DRAFT,
        "subject": TEXTS["post"][0]["title"],
        "since": AT - timedelta(days=7),
        "until": AT,
        "send_at": datetime(2026, 3, 6, 7, 30, tzinfo=UTC),
        "local_date": "2026-03-06",
        "sections": tuple(
            Section(name, title, tuple(Pick(next(ids), story) for story in stories))
            for name, title, stories in contents
        ),
        "note": NOTE,
    }
    issue = Issue(**facts | changes)
    return issue if "pictures" in changes else with_copies(issue)


def with_copies(issue: Issue) -> Issue:
    """The issue with emag's own copies of all its pictures."""
    wanted = {p.story.picture for p in issue.picks if p.story.picture}
    copies = [
        StoredPicture(p.url, Use.STORY, name_of(p.url), p.width or 1200, p.height or 800, "jpg")
        for p in sorted(wanted, key=lambda p: p.url)
    ]
    copies += [
        StoredPicture(p.picture, Use.PROMO, name_of(p.picture), 960, 560, "png")
        for p in issue.promos
        if p.picture
    ]
    return replace(issue, pictures=tuple(copies))


def name_of(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _stories(stories: Any, make: Callable[[int], Story]) -> list[Story]:
    return [make(n) for n in range(stories)] if isinstance(stories, int) else list(stories)


class Make:
    """The builders, and the printed issue read back as a tree."""

    at = AT
    issue = staticmethod(an_issue)
    with_copies = staticmethod(with_copies)
    post = staticmethod(a_post)
    job = staticmethod(a_job)
    event = staticmethod(an_event)
    tree = staticmethod(lxml.html.document_fromstring)

    @staticmethod
    def settings(settings: Settings, **tables: dict[str, Any]) -> Settings:
        """The settings with some keys of some tables changed."""
        changed = {
            name: getattr(settings, name).model_copy(update=keys) for name, keys in tables.items()
        }
        return settings.model_copy(update=changed)

    @staticmethod
    def visible(html: str) -> str:
        """The text of the HTML part with single spaces, without the preheader's padding."""
        body = lxml.html.document_fromstring(html).body
        return " ".join(body.text_content().replace("\u034f", "").split())


@pytest.fixture
def make() -> type[Make]:
    return Make


@pytest.fixture
def issue() -> Issue:
    return an_issue()


@pytest.fixture
def document(issue, settings):
    """The full issue, printed, for a reader of every topic."""
    return compose(issue, settings, now=AT).whole
