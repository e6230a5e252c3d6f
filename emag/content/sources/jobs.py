"""Reads a feed or board of vacancies: the role, employer, places and closing date of each."""

from dataclasses import dataclass, replace
from datetime import date

from emag.content import vacancy
from emag.content.sources import Memory, Reading, boards, clean, jsonfeed, syndication
from emag.content.sources.dates import written_day
from emag.content.sources.entry import Feed, FeedEntry, story
from emag.content.sources.feed import FeedSource, reading
from emag.content.sources.fetch import FetchedPage
from emag.content.story import Kind, Story
from emag.content.vacancy import Vacancy

_EMPLOYER = ("company", "company_name", "employer", "organisation", "organization")
_PLACE = ("location", "job_location", "region")
_SALARY = ("salary", "job_salary", "compensation", "salary_range")
_CLOSES = ("closing_date", "application_deadline", "deadline", "job_expires", "expires", "closes")


@dataclass(frozen=True, slots=True)
class JobsSource:
    """`timeout` in seconds for a whole read, `max_bytes` for the page as unpacked."""

    name: str
    url: str
    section: str = "jobs"
    timeout: float = 20.0
    max_bytes: int = 5_000_000
    allow_private: bool = False

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError."""
        feed = FeedSource(
            self.name, self.url, self.section, self.timeout, self.max_bytes, self.allow_private
        )
        page = feed.page(memory, purpose="jobs")
        return Reading(memory=memory, unchanged=True) if page is None else self.stories(page)

    def stories(self, page: FetchedPage) -> Reading:
        """Raises SourceError if the page holds neither a feed nor a board."""
        return reading(_read(page), page, self._story)

    def _story(self, entry: FeedEntry) -> Story:
        post, text = story(entry, source=self.name, section=self.section)
        facts = particulars(entry, title=post.title, text=text, categories=post.categories)
        return replace(
            post,
            kind=Kind.JOB,
            vacancy=facts,
            place="",
            featured=post.featured or facts.job_of_the_week,
        )


def _read(page: FetchedPage) -> Feed:
    if jsonfeed.is_json(page):
        return boards.read(page) or jsonfeed.read(page)
    return boards.embedded(page) or syndication.read(page)


def particulars(
    entry: FeedEntry, *, title: str, text: str, categories: tuple[str, ...] = ()
) -> Vacancy:
    """A vacancy's facts. A field of the board counts before what title and body say."""
    facts = vacancy.parse_title(title, employer=_named(entry, _EMPLOYER))
    published = entry.published.date() if entry.published else None
    closes = _day(_named(entry, _CLOSES), published)
    return replace(
        facts,
        place=_named(entry, _PLACE) or facts.place or vacancy.location(text),
        closes=closes or vacancy.closing_date(text, published=published),
        salary=_named(entry, _SALARY) or vacancy.salary(text),
        job_of_the_week=facts.job_of_the_week
        or any(name.casefold() == "job of the week" for name in categories),
    )


def _named(entry: FeedEntry, names: tuple[str, ...]) -> str:
    return next((clean.line(entry.more[n], limit=120) for n in names if entry.more.get(n)), "")


def _day(text: str, published: date | None) -> date | None:
    if day := written_day(text):
        return day
    return vacancy.closing_date(f"closing date {text}", published=published) if text else None
