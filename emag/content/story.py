"""A story: what a source hands over (a post, a job, an event); canonical link, fingerprint."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from emag.content.vacancy import Vacancy


class Kind(StrEnum):
    POST = "post"
    JOB = "job"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by absolute https (or loopback http) address; sizes in CSS pixels, 0 if unknown."""

    url: str
    alt: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    """What a source hands over, already made safe: plain text, or HTML that nh3 has cleaned.

    `link` is the canonical link and the story's identity across all sources. Times are aware UTC.
    """

    source: str
    kind: Kind
    link: str
    title: str
    summary: str = ""  # plain text, at most 400 characters
    body: str = ""  # cleaned HTML
    published: datetime | None = None
    picture: Picture | None = None
    author: str = ""
    categories: tuple[str, ...] = ()
    featured: bool = False
    starts: datetime | None = None  # events
    place: str = ""  # events
    vacancy: Vacancy | None = None  # jobs
