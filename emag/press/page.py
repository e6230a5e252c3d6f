"""Prepares an issue for the templates: printable strings, safe links, pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from emag.content.picture import PictureForm
from emag.content.story import Kind, Story
from emag.content.vacancy import Vacancy
from emag.issues.issue import Issue, Pick, Section
from emag.issues.words import Field
from emag.press import dates, topics
from emag.press.illustration import Frame, Illustrations
from emag.press.kickers import with_kickers
from emag.press.note import Note, note
from emag.press.printable import clean, shorten, web_link
from emag.press.promo import PrintedPromo, PromoSpots, spots
from emag.press.settings import PressSettings
from emag.press.summary import Summary, summary_of
from emag.press.topics import Mark
from emag.press.variants import Variant, mark, note_mark, preheader, variants
from emag.press.words import words
from emag.settings import is_loopback

LEAD_SUMMARY, POST_SUMMARY, SMALL_SUMMARY = 400, 280, 180


@dataclass(frozen=True, slots=True)
class PrintFacts:
    """What stories are printed with: the zone and day of the issue, and its pictures."""

    zone: ZoneInfo
    today: date
    pictures: Illustrations


@dataclass(frozen=True, slots=True)
class PrintedPost:
    """A post, ready to print."""

    title: str
    link: str  # "" if the source gave no safe one
    summary: Summary
    kicker: str
    byline: str
    picture: Frame | None
    link_text: str = ""  # an editor's words for the button


@dataclass(frozen=True, slots=True)
class PrintedJob:
    """A vacancy, ready to print."""

    role: str
    link: str
    where: str  # employer and place
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


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """Consecutive stories of one kind: `kind` is post, job or event."""

    kind: str
    items: tuple[PrintedPost | PrintedJob | PrintedEvent, ...]


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A section of the issue. `mark` encloses it if only readers of its topic get it."""

    title: str
    blocks: tuple[PrintedBlock, ...]
    mark: Mark
    promos: tuple[PrintedPromo, ...] = ()  # after it, for readers of every topic


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A whole issue. `tally` and `contents` describe the first variant, which has all topics."""

    number: int
    date: str
    subject: str
    preheader: str  # with marks if it differs between topics
    archive_url: str
    tally: tuple[tuple[str, str], ...]  # ("15", "stories"), …
    contents: str  # the same counts as a sentence
    note: Note | None
    note_mark: Mark
    lead: PrintedPost | None
    lead_mark: Mark
    sections: tuple[PrintedSection, ...]
    promos: PromoSpots
    variants: tuple[Variant, ...]


def page(issue: Issue, settings: PressSettings, *, now: datetime) -> PrintedPage:
    """Prepares an issue for printing. An issue without a send time is dated `now`."""
    zone = settings.publication.zone
    today = (issue.send_at or now).astimezone(zone).date()
    offered = settings.signup.topics
    issue = with_kickers(issue, settings.publication.kicker_case)
    lead, where = _lead(issue)
    facts = PrintFacts(zone, today, Illustrations(issue, settings))
    every = {
        section.name: _section(section, lead, facts, mark(section.name, issue, offered))
        for section in issue.sections
    }
    sections = {name: section for name, section in every.items() if section.blocks}
    promos = _promos(issue, list(sections), facts.pictures, settings)
    printed_variants = variants(issue, offered)
    return PrintedPage(
        number=issue.number,
        date=dates.long_date(today),
        subject=clean(issue.subject),  # the pre-flight reports an empty one
        preheader=preheader(printed_variants),
        archive_url=f"{settings.base_url}/archive/{issue.number}",
        tally=printed_variants[0].tally,
        contents=printed_variants[0].contents,
        note=note(issue.note),
        note_mark=note_mark(issue, offered),
        lead=_post(lead, facts, PictureForm.LEAD, LEAD_SUMMARY) if lead else None,
        lead_mark=mark(where, issue, offered) if lead else topics.PLAIN,
        sections=tuple(
            replace(section, promos=after)
            for section, after in zip(sections.values(), promos.after, strict=True)
        ),
        promos=promos,
        variants=printed_variants,
    )


def _promos(
    issue: Issue, printed: Sequence[str], pictures: Illustrations, settings: PressSettings
) -> PromoSpots:
    """The promos by their places. Most issues have none, and need no texts for them."""
    if not issue.promos:
        return PromoSpots(after=((),) * len(printed))
    loopback = is_loopback(urlsplit(settings.base_url).hostname)
    return spots(issue, printed, words(settings), pictures, loopback=loopback)


def _lead(issue: Issue) -> tuple[Pick | None, str]:
    """Returns the first post and the name of its section."""
    posts = ((p, s.name) for s in issue.sections for p in s.picks if p.story.kind is Kind.POST)
    return next(posts, (None, ""))


def _section(
    section: Section, lead: Pick | None, facts: PrintFacts, section_mark: Mark
) -> PrintedSection:
    picks = [pick for pick in section.picks if pick is not lead]
    runs = groupby(picks, key=lambda pick: pick.story.kind)
    return PrintedSection(
        title=clean(section.title),
        blocks=tuple(_block(kind, run, facts) for kind, run in runs),
        mark=section_mark,
    )


def _block(kind: Kind, picks: Iterable[Pick], facts: PrintFacts) -> PrintedBlock:
    if kind is Kind.JOB:
        jobs = sorted(
            (_job(pick, facts.zone, facts.today) for pick in picks),
            key=lambda job: not job.of_the_week,
        )
        others = (replace(job, of_the_week=False) for job in jobs[1:])  # only one per issue
        return PrintedBlock(kind.value, (jobs[0], *others))
    if kind is Kind.EVENT:
        return PrintedBlock(
            kind.value, tuple(_event(pick, facts.zone, facts.today) for pick in picks)
        )
    posts = tuple(_post(pick, facts, PictureForm.SMALL, POST_SUMMARY) for pick in picks)
    return PrintedBlock(kind.value, posts)


def _title(story: Story) -> str:
    return clean(story.title) or shorten(clean(story.summary), 80) or web_link(story.link)


def _post(pick: Pick, facts: PrintFacts, shape: PictureForm, longest: int) -> PrintedPost:
    story = pick.story
    title = _title(story)
    published = dates.short_date(story.published.astimezone(facts.zone)) if story.published else ""
    return PrintedPost(
        title=title,
        link=web_link(story.link),
        summary=summary_of(pick, longest),
        kicker=shorten(clean(story.kicker), 40),
        byline=", ".join(filter(None, (shorten(clean(story.author), 60), published))),
        picture=facts.pictures.story(story.picture, shape),
        link_text=clean(pick.words.get(Field.LINK_TEXT, "")),
    )


def _job(pick: Pick, zone: ZoneInfo, today: date) -> PrintedJob:
    story, vacancy = pick.story, pick.story.vacancy
    if vacancy is None:
        return PrintedJob(
            _title(story), web_link(story.link), "", (), "", Summary(""), of_the_week=False
        )
    posts = f"{vacancy.places} posts" if vacancy.places > 1 else ""
    return PrintedJob(
        role=clean(vacancy.role) or _title(story),
        link=web_link(story.link),
        where=", ".join(filter(None, (clean(vacancy.employer), clean(vacancy.place)))),
        terms=tuple(filter(None, (clean(vacancy.salary), posts, _terms(vacancy)))),
        closes=_closes(vacancy, zone, today),
        summary=summary_of(pick, POST_SUMMARY),
        of_the_week=vacancy.job_of_the_week,
        link_text=clean(pick.words.get(Field.LINK_TEXT, "")),
    )


def _terms(vacancy: Vacancy) -> str:
    """Where, how many hours and how long: “Hybrid, part time, fixed term”."""
    terms = (vacancy.working, vacancy.hours, vacancy.contract)
    text = ", ".join(shorten(clean(term), 60) for term in terms if term)
    return text[:1].upper() + text[1:]


def _closes(vacancy: Vacancy, zone: ZoneInfo, today: date) -> str:
    """“Closes Sunday 8 March, midday”."""
    if vacancy.closes_at is None:
        return f"Closes {dates.near_date(vacancy.closes, today)}" if vacancy.closes else ""
    local = vacancy.closes_at.astimezone(zone)
    return f"Closes {dates.near_date(local, today)}, {dates.clock(local)}"


def _event(pick: Pick, zone: ZoneInfo, today: date) -> PrintedEvent:
    story = pick.story
    starts = story.starts.astimezone(zone) if story.starts else None
    ends = story.ends.astimezone(zone) if story.ends else None
    return PrintedEvent(
        title=_title(story),
        link=web_link(story.link),
        summary=summary_of(pick, SMALL_SUMMARY),
        day=str(starts.day) if starts else "",
        month=dates.month(starts) if starts else "",
        when=dates.event_time(starts, ends, today) if starts else "",
        place=clean(story.where),
        price=shorten(clean(story.price), 60),
    )
