"""The posts, jobs and dates of the demo, dated from the moment it starts."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

TITLE = "The Noticeboard"
TAGLINE = "Ideas, jobs and dates for people who speak for councils"


@dataclass(frozen=True, slots=True)
class Post:
    slug: str
    title: str
    author: str
    category: str
    published: datetime
    picture: str
    alt: str
    summary: str
    body: tuple[str, ...]
    featured: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    slug: str
    title: str
    published: datetime
    closes: date
    salary: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    slug: str
    title: str
    starts: datetime
    place: str
    text: str


@cache
def _read(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)[name])


def posts(now: datetime) -> list[Post]:
    """A dozen posts of the week before `now`, newest first."""
    return [
        Post(
            **{key: value for key, value in told.items() if key not in {"hours", "body"}},
            published=now - timedelta(hours=told["hours"]),
            body=tuple(told["body"]),
        )
        for told in _read("posts")
    ]


def jobs(now: datetime) -> list[Job]:
    """Six vacancies, newest first; one closed two days ago."""
    return [
        Job(
            **{key: value for key, value in told.items() if key not in {"hours", "closes"}},
            published=now - timedelta(hours=told["hours"]),
            closes=now.date() + timedelta(days=told["closes"]),
        )
        for told in _read("jobs")
    ]


def events(now: datetime) -> list[Event]:
    """Two dates to come."""
    return [
        Event(
            **{key: value for key, value in told.items() if key not in {"starts", "hour"}},
            starts=(now + timedelta(days=told["starts"])).replace(
                hour=told["hour"], minute=30, second=0, microsecond=0
            ),
        )
        for told in _read("events")
    ]
