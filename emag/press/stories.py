"""Prepares a story for the templates: a post, a job or an event, in safe words."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from emag.content.pictures.picture import PictureForm
from emag.content.prose.shortening import shorten
from emag.content.story import Story
from emag.content.vacancies.vacancy import Vacancy
from emag.issues.issue import Pick
from emag.issues.words import Field
from emag.press import occasions
from emag.press.illustration import Frame, Illustrations
from emag.press.printable import clean, web_link
from emag.press.summary import Summary, summary_of
from emag.press.tiers import Tier
from emag.press.words import Words

# How much of a source's summary is printed, in characters.
_LONGEST = {Tier.LEAD: 400, Tier.FEATURE: 220, Tier.BRIEF: 120}
_JOB_SUMMARY, _EVENT_SUMMARY = 280, 150


@dataclass(frozen=True, slots=True)
class PrintFacts:
    """What stories are printed with: the zone and day of the issue, its pictures and texts."""

    zone: ZoneInfo
    today: date
    pictures: Illustrations
    beside: PictureForm  # the form of pictures beside their stories
    texts: Words


@dataclass(frozen=True, slots=True)
class PrintedPost:
    """A post, ready to print."""

    title: str
    link: str  # "" if the source gave no safe one
    summary: Summary
    kicker: str
    byline: str
    picture: Frame | None  # none in brief
    tier: Tier
    link_text: str = ""  # an editor's words for the button


@dataclass(frozen=True, slots=True)
class PrintedJob:
    """A vacancy, ready to print."""

    role: str
    link: str
    employer: str
    place: str
    terms: tuple[str, ...]  # salary, number of posts
    closes: str
    summary: Summary
    of_the_week: bool
    link_text: str = ""


@dataclass(frozen=True, slots=True)
class PrintedEvent:
    """An event, ready to print."""

    title: str
    link: str
    summary: Summary
    day: str  # "" if the source gave no date
    month: str
    when: str
    place: str
    price: str = ""


def post(pick: Pick, facts: PrintFacts, tier: Tier) -> PrintedPost:
    story, texts = pick.story, facts.texts
    published = texts.dates.short(story.published.astimezone(facts.zone)) if story.published else ""
    return PrintedPost(
        title=_title(story),
        link=web_link(story.link),
        summary=summary_of(pick, _LONGEST[tier]),
        kicker=shorten(clean(story.kicker), 40),
        byline=texts.joined(shorten(clean(story.author), 60), published),
        picture=_picture(story, facts, tier),
        tier=tier,
        link_text=clean(pick.words.get(Field.LINK_TEXT, "")),
    )


def job(pick: Pick, facts: PrintFacts) -> PrintedJob:
    vacancy = pick.story.vacancy or Vacancy("")
    posts = facts.texts.count("job.posts", vacancy.places) if vacancy.places > 1 else ""
    return PrintedJob(
        role=clean(vacancy.role) or _title(pick.story),
        link=web_link(pick.story.link),
        employer=clean(vacancy.employer),
        place=clean(vacancy.place),
        terms=tuple(filter(None, (clean(vacancy.salary), posts, _terms(vacancy, facts.texts)))),
        closes=_closes(vacancy, facts),
        summary=summary_of(pick, _JOB_SUMMARY) if pick.story.vacancy else Summary(""),
        of_the_week=vacancy.job_of_the_week,
        link_text=clean(pick.words.get(Field.LINK_TEXT, "")),
    )


def event(pick: Pick, facts: PrintFacts) -> PrintedEvent:
    story = pick.story
    starts = story.starts.astimezone(facts.zone) if story.starts else None
    ends = story.ends.astimezone(facts.zone) if story.ends else None
    when = occasions.event_time(starts, ends, facts.today, facts.texts) if starts else ""
    return PrintedEvent(
        title=_title(story),
        link=web_link(story.link),
        summary=summary_of(pick, _EVENT_SUMMARY),
        day=str(starts.day) if starts else "",
        month=facts.texts.dates.month(starts) if starts else "",
        when=_capitalized(when),
        place=clean(story.where),
        price=shorten(clean(story.price), 60),
    )


def _picture(story: Story, facts: PrintFacts, tier: Tier) -> Frame | None:
    if tier is Tier.BRIEF:
        return None
    form = PictureForm.LEAD if tier is Tier.LEAD else facts.beside
    return facts.pictures.story(story.picture, form)


def _title(story: Story) -> str:
    return clean(story.title) or shorten(clean(story.summary), 80) or web_link(story.link)


def _terms(vacancy: Vacancy, texts: Words) -> str:
    """Where, how many hours and how long: “Hybrid, part time, fixed term”."""
    terms = (vacancy.working, vacancy.hours, vacancy.contract)
    return _capitalized(texts.joined(*(shorten(clean(term), 60) for term in terms)))


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _closes(vacancy: Vacancy, facts: PrintFacts) -> str:
    at = vacancy.closes_at.astimezone(facts.zone) if vacancy.closes_at else vacancy.closes
    return occasions.closes(at, facts.today, facts.texts) if at else ""
