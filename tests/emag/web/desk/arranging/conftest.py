"""A magazine for tests of the desk: posts, jobs and events, with an open issue of them."""

import shutil
from pathlib import Path

import pytest

from emag import bootstrap, instance
from emag.content.gather import gather
from emag.desk import records
from emag.issues.draft import draft
from tests.emag.web.conftest import ENVIRON, Press

POSTS = ["Bins & bridges", "A new bridge", "The old bridge"]
JOBS = ["Clerk", "Editor", "Porter"]

TOML = """
[[sources]]
name = "board"
kind = "folder"
path = "vacancies"
section = "jobs"
[[sections]]
name = "jobs"
title = "Jobs"
limit = 20
order = "featured"
[[sections]]
name = "events"
title = "Events"
"""
POST = """---
title: "{title}"
link: https://crier.example.org/{slug}
date: 2026-03-04 {hour:02}:{minute:02}
author: Bo
---
A few words on {title}.
"""
JOB = """---
title: "{title}"
link: https://jobs.example.org/{slug}
date: 2026-03-04 {hour:02}:{minute:02}
kind: job
employer: Exampleton Council
closes: 2026-03-20
---
A post at the council.
"""


def extend(folder: Path, *, most: int = 40) -> None:
    """Adds jobs and events to a publication's settings, and more room for posts."""
    file = folder / "emag.toml"
    heading = 'title = "New on the blog"\n'
    text = file.read_text().replace(heading, f"{heading}limit = {most}\n")
    file.write_text(text + TOML)


def write(folder: Path, posts: list[str], jobs: list[str]) -> None:
    """Writes stories into the folders of the sources, the newest first."""
    for name, form, titles in (("stories", POST, posts), ("vacancies", JOB, jobs)):
        place = folder / name
        place.mkdir(exist_ok=True)
        for number, title in enumerate(titles):
            slug = "".join(c if c.isalnum() else "-" for c in title.lower())
            hour, minute = divmod(23 * 60 - number, 60)
            text = form.format(title=title, slug=slug, hour=hour, minute=minute)
            (place / f"{slug}.md").write_text(text)


@pytest.fixture
def press(migrated, tmp_path, clock):
    """A publication with posts and jobs."""
    folder = tmp_path / "publication"
    shutil.copytree(migrated, folder)
    extend(folder)
    newsroom = bootstrap.open_newsroom(folder, now=clock, environ=ENVIRON)
    instance.release(newsroom.database)
    yield Press(newsroom, [])
    newsroom.transport.close()
    newsroom.database.close()


@pytest.fixture
def number(press):
    """An open issue."""
    room = press.newsroom
    write(room.settings.folder, POSTS, JOBS)
    gather(room.database, room.sources, now=room.now())
    return draft(room.database, room.settings, now=room.now(), by="emag").number


@pytest.fixture
def page(number):
    return f"/desk/issues/{number}"


@pytest.fixture
def ann(desk):
    return desk.signed_in()


@pytest.fixture
def story(press, number):
    """The number of a story by its title."""

    def story(title):
        issue = records.issue(press.newsroom.database, number)
        return next(p.candidate for p in issue.picks if p.story.title == title)

    return story
