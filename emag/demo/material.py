"""The bundled posts, jobs and events; their dates are relative to the start of the demo."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

TITLE = "The Noticeboard"
TAGLINE = "Ideas, jobs and dates for people who speak for councils"


@dataclass(frozen=True, slots=True)
class DemoPost:
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
class DemoJob:
    slug: str
    title: str
    published: datetime
    closes: date
    salary: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoEvent:
    slug: str
    title: str
    starts: datetime
    place: str
    text: str


_RECKONED = frozenset({"hours", "body", "closes", "next_issue"})


@cache
def _read(name: str) -> list[dict[str, Any]]:
    text = (Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)[name])


def _of_issue(name: str, *, next_issue: bool) -> list[dict[str, Any]]:
    return [entry for entry in _read(name) if entry.get("next_issue", False) == next_issue]


def posts(now: datetime, *, next_issue: bool = False) -> list[DemoPost]:
    """Returns twelve posts from the week before `now`, newest first; or those that come later."""
    return [
        DemoPost(
            **{key: value for key, value in entry.items() if key not in _RECKONED},
            published=now - timedelta(hours=entry["hours"]),
            body=tuple(entry["body"]),
        )
        for entry in _of_issue("posts", next_issue=next_issue)
    ]


def jobs(now: datetime, *, next_issue: bool = False) -> list[DemoJob]:
    """Returns six vacancies, newest first, one closed two days ago; or those that come later."""
    return [
        DemoJob(
            **{key: value for key, value in entry.items() if key not in _RECKONED},
            published=now - timedelta(hours=entry["hours"]),
            closes=now.date() + timedelta(days=entry["closes"]),
        )
        for entry in _of_issue("jobs", next_issue=next_issue)
    ]


def events(now: datetime) -> list[DemoEvent]:
    """Returns two events after `now`."""
    return [
        DemoEvent(
            **{key: value for key, value in entry.items() if key not in {"starts", "hour"}},
            starts=(now + timedelta(days=entry["starts"])).replace(
                hour=entry["hour"], minute=30, second=0, microsecond=0
            ),
        )
        for entry in _read("events")
    ]
