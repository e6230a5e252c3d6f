"""A feed or board of vacancies, each taken apart into role, employer, places and closing date."""

from dataclasses import dataclass, replace
from datetime import date

from emag.content import vacancy
from emag.content.sources import Memory, Reading, boards, clean, jsonfeed, syndication
from emag.content.sources.entry import Entry, Feed, moment, story
from emag.content.sources.feed import FeedSource, reading
from emag.content.sources.fetch import Page
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

    def stories(self, page: Page) -> Reading:
        """Raises SourceError if the page holds neither a feed nor a board."""
        return reading(_read(page), page, self._story)

    def _story(self, entry: Entry) -> Story:
        made, text = story(entry, source=self.name, section=self.section)
        facts = particulars(entry, title=made.title, text=text, categories=made.categories)
        return replace(
            made,
            kind=Kind.JOB,
            vacancy=facts,
            place="",
            featured=made.featured or facts.job_of_the_week,
        )


def _read(page: Page) -> Feed:
    if jsonfeed.is_json(page):
        return boards.read(page) or jsonfeed.read(page)
    return boards.embedded(page) or syndication.read(page)


def particulars(
    entry: Entry, *, title: str, text: str, categories: tuple[str, ...] = ()
) -> Vacancy:
    """What the board says in fields of its own goes before what title and body say in words."""
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


def _named(entry: Entry, names: tuple[str, ...]) -> str:
    return next((clean.line(entry.more[n], limit=120) for n in names if entry.more.get(n)), "")


def _day(text: str, published: date | None) -> date | None:
    if found := moment(text):
        return found.date()
    return vacancy.closing_date(f"closing date {text}", published=published) if text else None
