"""What a template sees of an issue: printable strings, links that are safe, pictures that fit."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from emag.content.story import Kind, Picture, Story
from emag.issues.issue import Issue, Pick, Section
from emag.press import dates, topics
from emag.press.note import Note, note
from emag.press.proof import clean, shorten, web_link
from emag.press.topics import Mark
from emag.press.variants import Variant, mark, preheader, variants
from emag.settings import Settings

LEAD_BOX, POST_BOX = (600, 440), (168, 224)  # widest and tallest in CSS pixels
LEAD_SUMMARY, POST_SUMMARY, SMALL_SUMMARY = 400, 240, 180
SPECK = 48  # a picture known to be smaller is an icon or a tracking pixel


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture as it is printed. `width` is for Outlook, which knows no largest height."""

    url: str
    alt: str
    width: int
    tallest: int


@dataclass(frozen=True, slots=True)
class Post:
    title: str
    link: str  # "" where the source gave none that is safe
    summary: str
    kicker: str
    byline: str
    picture: Frame | None


@dataclass(frozen=True, slots=True)
class Job:
    role: str
    link: str
    where: str  # employer and place
    terms: tuple[str, ...]  # salary, number of posts
    closes: str
    summary: str
    of_the_week: bool


@dataclass(frozen=True, slots=True)
class Event:
    title: str
    link: str
    summary: str
    day: str  # "" where the source named no date
    month: str
    when: str
    place: str


@dataclass(frozen=True, slots=True)
class Block:
    """Stories of one kind in a row: `kind` is post, job or event."""

    kind: str
    items: tuple[Post | Job | Event, ...]


@dataclass(frozen=True, slots=True)
class PageSection:
    """`mark` stands around all of it where its readers are not all readers."""

    title: str
    blocks: tuple[Block, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Page:
    """One issue. `tally` and `contents` are of all of it; `variants` begin with the same."""

    number: int
    date: str
    subject: str
    preheader: str  # with marks, where readers of some topics get another one
    archive_url: str
    tally: tuple[tuple[str, str], ...]  # ("15", "stories"), …
    contents: str  # the same in words
    note: Note | None
    lead: Post | None
    lead_mark: Mark
    sections: tuple[PageSection, ...]
    variants: tuple[Variant, ...]


def page(issue: Issue, settings: Settings, *, now: datetime) -> Page:
    """`now` dates an issue without a time of sending: it is printed to be sent at once."""
    zone = settings.publication.zone
    today = (issue.send_at or now).astimezone(zone).date()
    offered = settings.signup.topics
    lead, where = _lead(issue)
    sections = (
        _section(section, lead, zone, today, mark(section.name, issue, offered))
        for section in issue.sections
    )
    told = variants(issue, offered)
    return Page(
        number=issue.number,
        date=dates.long_date(today),
        subject=clean(issue.subject),  # an empty one is for the pre-flight to find
        preheader=preheader(told),
        archive_url=f"{settings.base_url}/archive/{issue.number}",
        tally=told[0].tally,
        contents=told[0].contents,
        note=note(issue.note),
        lead=_post(lead.story, LEAD_BOX, LEAD_SUMMARY, zone) if lead else None,
        lead_mark=mark(where, issue, offered) if lead else topics.PLAIN,
        sections=tuple(section for section in sections if section.blocks),
        variants=told,
    )


def _lead(issue: Issue) -> tuple[Pick | None, str]:
    """The first post, and the name of its section."""
    posts = ((p, s.name) for s in issue.sections for p in s.picks if p.story.kind is Kind.POST)
    return next(posts, (None, ""))


def _section(
    section: Section, lead: Pick | None, zone: ZoneInfo, today: date, marked: Mark
) -> PageSection:
    picks = [pick for pick in section.picks if pick is not lead]
    runs = groupby((pick.story for pick in picks), key=lambda story: story.kind)
    return PageSection(
        title=clean(section.title),
        blocks=tuple(_block(kind, stories, zone, today) for kind, stories in runs),
        mark=marked,
    )


def _block(kind: Kind, stories: Iterable[Story], zone: ZoneInfo, today: date) -> Block:
    if kind is Kind.JOB:
        jobs = sorted((_job(s, today) for s in stories), key=lambda job: not job.of_the_week)
        others = (replace(job, of_the_week=False) for job in jobs[1:])  # a week has one
        return Block(kind.value, (jobs[0], *others))
    if kind is Kind.EVENT:
        return Block(kind.value, tuple(_event(story, zone, today) for story in stories))
    return Block(kind.value, tuple(_post(story, POST_BOX, POST_SUMMARY, zone) for story in stories))


def _title(story: Story) -> str:
    return clean(story.title) or shorten(clean(story.summary), 80) or web_link(story.link)


def _post(story: Story, box: tuple[int, int], longest: int, zone: ZoneInfo) -> Post:
    title = _title(story)
    published = dates.short_date(story.published.astimezone(zone)) if story.published else ""
    return Post(
        title=title,
        link=web_link(story.link),
        summary=shorten(clean(story.summary), longest),
        kicker=shorten(clean(story.categories[0]), 40) if story.categories else "",
        byline=", ".join(filter(None, (shorten(clean(story.author), 60), published))),
        picture=frame(story.picture, title, box),
    )


def _job(story: Story, today: date) -> Job:
    vacancy = story.vacancy
    if vacancy is None:
        return Job(_title(story), web_link(story.link), "", (), "", "", of_the_week=False)
    posts = f"{vacancy.places} posts" if vacancy.places > 1 else ""
    return Job(
        role=clean(vacancy.role) or _title(story),
        link=web_link(story.link),
        where=", ".join(filter(None, (clean(vacancy.employer), clean(vacancy.place)))),
        terms=tuple(filter(None, (clean(vacancy.salary), posts))),
        closes=f"Closes {dates.near_date(vacancy.closes, today)}" if vacancy.closes else "",
        summary=shorten(clean(story.summary), POST_SUMMARY),
        of_the_week=vacancy.job_of_the_week,
    )


def _event(story: Story, zone: ZoneInfo, today: date) -> Event:
    starts = story.starts.astimezone(zone) if story.starts else None
    when = (dates.near_date(starts, today), dates.clock(starts)) if starts else ()
    return Event(
        title=_title(story),
        link=web_link(story.link),
        summary=shorten(clean(story.summary), SMALL_SUMMARY),
        day=str(starts.day) if starts else "",
        month=dates.month(starts) if starts else "",
        when=", ".join(filter(None, when)),
        place=clean(story.place),
    )


def frame(picture: Picture | None, title: str, box: tuple[int, int]) -> Frame | None:
    """The picture at its own size or smaller, never cropped; None for icons and tracking pixels."""
    url = web_link(picture.url) if picture else ""
    if picture is None or not url:
        return None
    wide, high = picture.width, picture.height
    if 0 < wide < SPECK or 0 < high < SPECK:
        return None
    widest, tallest = box
    width = min(widest, wide or widest)
    if wide > 0 and high > 0:
        width = max(1, min(width, round(tallest * wide / high)))
    # The picture is a link, which needs a text; the title is what an empty alt stands for.
    alt = shorten(clean(picture.alt), 200) or f"Picture: {title}"
    return Frame(url=url, alt=alt, width=width, tallest=tallest)
