"""Reads a feed or board of vacancies: the role, employer, places and closing date of each."""

from dataclasses import dataclass, replace
from datetime import date, tzinfo

from emag.content.prose import writing
from emag.content.prose.block import Block
from emag.content.sources import Memory, Reading, clean
from emag.content.sources.entry import FeedEntry, story
from emag.content.sources.feed import FeedSource, reading
from emag.content.sources.fetch import FetchedPage
from emag.content.story import Kind, Story
from emag.content.vacancies import advert, deadline, repeats, terms
from emag.content.vacancies.deadline import ClosingTime
from emag.content.vacancies.vacancy import Vacancy
from emag.content.when.stamp import written_day
from emag.content.when.zone import BRITAIN

_EMPLOYER = ("company", "company_name", "employer", "organisation", "organization")
_PLACE = ("location", "job_location", "region")
_SALARY = ("salary", "job_salary", "compensation", "salary_range")
_CLOSES = ("closing_date", "application_deadline", "deadline", "job_expires", "expires", "closes")

_CONTRACT = ("contract", "contract_type", "employment_type", "job_type")
_WORKPLACE = ("workplace", "workplace_type", "remote_position")
_HOURS = ("hours", "work_hours", "working_hours")


@dataclass(frozen=True, slots=True)
class JobsSource:
    """`timeout` in seconds for a whole read, `max_bytes` for the page as unpacked.

    `zone` is where a closing time is meant that names no zone.
    """

    name: str
    url: str
    section: str = "jobs"
    timeout: float = 20.0
    max_bytes: int = 5_000_000
    allow_private: bool = False
    zone: tzinfo = BRITAIN
    format: str = ""

    def read(self, memory: Memory) -> Reading:
        """Raises SourceError."""
        page = self._feed.page(memory, purpose="jobs")
        return Reading(memory=memory, unchanged=True) if page is None else self.stories(page)

    def stories(self, page: FetchedPage) -> Reading:
        """Raises SourceError if the page holds neither a feed nor a board."""
        return reading(self._feed.entries(page, vacancies=True), page, self._story)

    @property
    def _feed(self) -> FeedSource:
        limits = self.timeout, self.max_bytes, self.allow_private
        return FeedSource(self.name, self.url, self.section, *limits, format=self.format)

    def _story(self, entry: FeedEntry) -> Story:
        post, text = story(entry, source=self.name, section=self.section)
        return as_job(post, entry, text, zone=self.zone)


def as_job(post: Story, entry: FeedEntry, text: str, *, zone: tzinfo = BRITAIN) -> Story:
    """The entry's story as a job. `text` is its body with a line a block."""
    is_whole = entry.summary.value in {"", entry.body.value}
    excerpt = "" if is_whole else clean.clean(entry.summary.markup(), base=post.link).text
    facts = particulars(
        entry,
        title=post.title,
        text=f"{text}\n{excerpt}",
        categories=post.categories,
        zone=zone,
    )
    return replace(
        post,
        kind=Kind.JOB,
        vacancy=facts,
        place="",
        summary=_summary(post, excerpt, text, facts),
        featured=post.featured or facts.job_of_the_week,
    )


def particulars(
    entry: FeedEntry,
    *,
    title: str,
    text: str,
    categories: tuple[str, ...] = (),
    zone: tzinfo = BRITAIN,
) -> Vacancy:
    """A vacancy's facts. A field of the board counts before what title and body say."""
    published = entry.published.astimezone(zone).date() if entry.published else None
    facts = advert.from_advert(
        title,
        text,
        employer=_named(entry, _EMPLOYER),
        published=published,
        zone=zone,
    )
    closing = _closing(_named(entry, _CLOSES), published, zone)
    if closing.day is None:
        closing = ClosingTime(facts.closes, facts.closes_at)
    place, kind = _named(entry, _PLACE), _named(entry, _CONTRACT)
    return replace(
        facts,
        place=terms.place(f"Location: {place}") or place or facts.place,
        closes=closing.day,
        closes_at=closing.at,
        salary=_named(entry, _SALARY) or facts.salary,
        working=terms.working(f"{_named(entry, _WORKPLACE)} {place}") or facts.working,
        hours=_named(entry, _HOURS) or terms.hours(kind) or facts.hours,
        contract=terms.contract(kind) or facts.contract,
        job_of_the_week=facts.job_of_the_week
        or any(name.casefold() == "job of the week" for name in categories),
    )


def _summary(post: Story, excerpt: str, text: str, facts: Vacancy) -> str:
    """The story's summary. What is printed beside it is not said again."""
    if repeats.without_terms(post.summary, facts) == post.summary:
        return post.summary
    described, body = (
        [Block(line) for line in repeats.without_terms(words, facts).splitlines()]
        for words in (excerpt, text)
    )
    return clean.line(
        writing.write(post.title, described, body).summary, limit=clean.LONGEST_SUMMARY
    )


def _named(entry: FeedEntry, names: tuple[str, ...]) -> str:
    return next((clean.line(entry.more[n], limit=120) for n in names if entry.more.get(n)), "")


def _closing(text: str, published: date | None, zone: tzinfo) -> ClosingTime:
    """What a board's field says, in words or in figures."""
    if not text:
        return ClosingTime()
    closing = deadline.read(f"closing date: {text}", published=published, zone=zone)
    return closing if closing.day else ClosingTime(written_day(text))
