"""A drafted issue for the tests of the desk."""

from datetime import timedelta

import pytest

from emag.content import store as pool
from emag.content.story import Kind, Story
from emag.issues.draft import draft
from tests.emag.content.conftest import site  # noqa: F401 - a fixture


@pytest.fixture
def admit(database, clock):
    """Puts a story into the pool; returns its id."""

    def _admit(section: str, title: str, **more) -> int:
        kind = Kind.JOB if section == "jobs" else Kind.POST
        link = "https://crier.example.org/" + title.lower().replace(" ", "-")
        story = Story(section, kind, link, title, summary=f"About: {title}.", **more)
        with database.transaction() as conn:
            pool.admit(conn, story, section=section, now=clock())
            return next(c.id for c in pool.candidates(conn) if c.story.link == link)

    return _admit


@pytest.fixture
def ids(admit, clock):
    """Three posts, newest first."""
    titles = ("Lanterns in the fog", "A bench for two", "The ferry timetable")
    return [
        admit("posts", title, published=clock() - timedelta(hours=n))
        for n, title in enumerate(titles, 1)
    ]


@pytest.fixture
def issue(database, settings, clock, ids):
    return draft(database, settings, now=clock(), by="ann")
