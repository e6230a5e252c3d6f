"""A pool to draft from."""

from datetime import datetime

import pytest

from emag.content import store
from emag.content.story import Kind, Story


@pytest.fixture
def admit(database, clock):
    """Puts a story into the pool: `admit("posts", "Title")`; returns its id."""

    def _admit(section: str, title: str, *, gathered_at: datetime | None = None, **more) -> int:
        kind = {"jobs": Kind.JOB, "events": Kind.EVENT}.get(section, Kind.POST)
        link = "https://crier.example.org/" + title.lower().replace(" ", "-")
        story = Story(source=section, kind=kind, link=link, title=title, **more)
        with database.transaction() as conn:
            store.admit(conn, story, section=section, now=gathered_at or clock())
            return next(c.id for c in store.candidates(conn) if c.story.link == link)

    return _admit
