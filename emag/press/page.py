"""Prepares an issue for the templates: printable strings, safe links, pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import urlsplit

from emag.content.story import Kind
from emag.issues.issue import Issue, Pick, Section
from emag.press import stories, topics
from emag.press.illustration import FORMS, Illustrations
from emag.press.kickers import with_kickers
from emag.press.note import Note, note
from emag.press.printable import clean
from emag.press.promo import PrintedPromo, PromoSpots, spots
from emag.press.settings import PressSettings
from emag.press.stories import PrintedEvent, PrintedJob, PrintedPost, PrintFacts
from emag.press.tiers import Tier, tiers
from emag.press.topics import Mark
from emag.press.variants import Variant, mark, note_mark, preheader, variants
from emag.press.words import words
from emag.settings import is_loopback

Tiers = Mapping[int, Tier]


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """Consecutive stories of one kind: `kind` is post, job or event.

    Posts of a block are printed in the same size: `tier` is “feature” or “brief”.
    """

    kind: str
    tier: str
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
    tally: tuple[str, ...]  # "15 stories", …
    contents: str  # the same counts as a list
    note: Note | None
    note_mark: Mark
    lead: PrintedPost | None
    lead_mark: Mark
    sections: tuple[PrintedSection, ...]
    promos: PromoSpots
    variants: tuple[Variant, ...]


def page(issue: Issue, settings: PressSettings, *, now: datetime) -> PrintedPage:
    """Prepares an issue for printing. An issue without a send time is dated `now`."""
    zone, texts = settings.publication.zone, words(settings)
    today = (issue.send_at or now).astimezone(zone).date()
    offered = settings.signup.topics
    issue = with_kickers(issue, settings.publication.kicker_case)
    sizes = tiers(issue)
    lead, where = _lead(issue)
    beside = FORMS[settings.theme.picture_ratio]
    facts = PrintFacts(zone, today, Illustrations(issue, settings), beside, texts)
    every = {
        section.name: _section(section, sizes, facts, mark(section.name, issue, offered))
        for section in issue.sections
    }
    sections = {name: section for name, section in every.items() if section.blocks}
    promos = _promos(issue, list(sections), facts, settings)
    printed_variants = variants(issue, offered, texts)
    return PrintedPage(
        number=issue.number,
        date=texts.long_day(today),
        subject=clean(issue.subject),  # the pre-flight reports an empty one
        preheader=preheader(printed_variants),
        archive_url=f"{settings.base_url}/archive/{issue.number}",
        tally=printed_variants[0].tally,
        contents=printed_variants[0].contents,
        note=note(issue.note),
        note_mark=note_mark(issue, offered),
        lead=stories.post(lead, facts, Tier.LEAD) if lead else None,
        lead_mark=mark(where, issue, offered) if lead else topics.PLAIN,
        sections=tuple(
            replace(section, promos=after)
            for section, after in zip(sections.values(), promos.after, strict=True)
        ),
        promos=promos,
        variants=printed_variants,
    )


def _promos(
    issue: Issue, printed: Sequence[str], facts: PrintFacts, settings: PressSettings
) -> PromoSpots:
    """The promos by their places."""
    loopback = is_loopback(urlsplit(settings.base_url).hostname)
    return spots(issue, printed, facts.texts, facts.pictures, loopback=loopback)


def _lead(issue: Issue) -> tuple[Pick | None, str]:
    """Returns the first post and the name of its section."""
    posts = ((p, s.name) for s in issue.sections for p in s.picks if p.story.kind is Kind.POST)
    return next(posts, (None, ""))


def _section(
    section: Section, sizes: Tiers, facts: PrintFacts, section_mark: Mark
) -> PrintedSection:
    picks = [pick for pick in section.picks if sizes.get(pick.candidate) is not Tier.LEAD]
    runs = groupby(picks, key=lambda pick: (pick.story.kind, sizes.get(pick.candidate)))
    return PrintedSection(
        title=clean(section.title),
        blocks=tuple(_block(kind, tier, run, facts) for (kind, tier), run in runs),
        mark=section_mark,
    )


def _block(kind: Kind, tier: Tier | None, picks: Iterable[Pick], facts: PrintFacts) -> PrintedBlock:
    items: Iterable[PrintedPost | PrintedJob | PrintedEvent]
    if kind is Kind.JOB:
        items = _jobs(picks, facts)
    elif kind is Kind.EVENT:
        items = (stories.event(pick, facts) for pick in picks)
    else:
        items = (stories.post(pick, facts, tier or Tier.BRIEF) for pick in picks)
    return PrintedBlock(kind.value, tier.value if tier else "", tuple(items))


def _jobs(picks: Iterable[Pick], facts: PrintFacts) -> Iterable[PrintedJob]:
    """The jobs, that of the week first. There is only one in an issue."""
    jobs = sorted((stories.job(pick, facts) for pick in picks), key=lambda job: not job.of_the_week)
    return (jobs[0], *(replace(job, of_the_week=False) for job in jobs[1:]))
