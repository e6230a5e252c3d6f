"""Finds what an approved issue prints and is over: jobs, events, a lead without a page, dates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from emag.content import closing, gather
from emag.content import store as pool
from emag.content.pages.page import PageAnswer
from emag.content.story import Kind, Story
from emag.content.when import day
from emag.issues import approved, store
from emag.issues.approved import GivenApproval
from emag.issues.issue import Issue, Pick
from emag.newsroom import Newsroom

SOURCES_WITHIN = timedelta(seconds=45)  # for all sources
PAGES_WITHIN = timedelta(seconds=20)  # for all pages


@dataclass(frozen=True, slots=True)
class Closure:
    """A story that is over. `reason` completes “it is …”."""

    story: int
    section: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class NextDate:
    """A recurring event whose printed date has passed, and when it takes place next."""

    printed: Closure
    starts: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Outdated:
    """What of an issue is over, and which of its events have a later date."""

    over: tuple[Closure, ...] = ()
    moved: tuple[NextDate, ...] = ()


def find_outdated(newsroom: Newsroom, number: int) -> Outdated:
    """Reads sources and pages again, and says which stories of the issue are over.

    A source or page that gives no answer changes nothing. What was over when the issue was
    approved, and was let pass then, is no closure.
    """
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        risky = at_risk(store.get(conn, number))
    if not risky:
        return Outdated()
    names = {(pick.source or pick.story).source for pick in risky}
    sources = [source for source in newsroom.sources if source.name in names]
    gather.gather(newsroom.database, sources, now=now, within=SOURCES_WITHIN)
    if newsroom.pages:
        links = [pick.story.link for pick in risky]
        _record(newsroom, risky, newsroom.pages.ask(links, within=PAGES_WITHIN))
    with newsroom.database.reading() as conn:
        issue, approval = store.get(conn, number), approved.latest(conn, number)
    return outdated(issue, approval, now.astimezone(newsroom.settings.publication.zone))


def at_risk(issue: Issue) -> list[Pick]:
    """The jobs and events of an issue, and its lead."""
    lead = next((pick for pick in issue.picks if pick.story.kind is Kind.POST), None)
    return [pick for pick in issue.picks if pick.story.kind is not Kind.POST or pick is lead]


def outdated(issue: Issue, approval: GivenApproval | None, at: date) -> Outdated:
    """What is over by `at` and was not when the issue was approved."""
    printed = approval.stories if approval else {}
    passed = approval.passed if approval else frozenset()
    over, moved = [], []
    for pick in at_risk(issue):
        document = printed.get(pick.candidate, pick.story)
        reason = _reason(pick, document, at)
        rule = "page-gone" if pick.story.kind is Kind.POST else "closed-job"
        if not reason or (rule, document.title) in passed:
            continue
        closure = Closure(pick.candidate, _section(issue, pick), document.title, reason)
        following = _next_date(pick, document, closure, at)
        if following:
            moved.append(following)
        else:
            over.append(closure)
    return Outdated(tuple(over), tuple(moved))


def _next_date(pick: Pick, printed: Story, closure: Closure, at: date) -> NextDate | None:
    """The next date of an event that goes on; None where its words name the one that has passed."""
    story = pick.source or pick.story
    names_day = bool(day.days(f"{printed.title}\n{printed.summary}"))
    if story.kind is not Kind.EVENT or closing.reason(story, pick.closed, at) or names_day:
        return None
    return NextDate(closure, story.starts, story.ends) if story.starts else None


def _reason(pick: Pick, printed: Story, at: date) -> str:
    """Why a story is over; of an event that recurs, the date that was printed counts."""
    story = pick.source or pick.story
    if story.kind is Kind.POST:
        return pick.closed
    return closing.reason(story, pick.closed, at) or closing.past(printed, at)


def _record(newsroom: Newsroom, picks: Iterable[Pick], answers: Iterable[PageAnswer]) -> None:
    """Keeps what the pages say. The page of an event may close it, and never opens it again."""
    reasons: Mapping[int, str] = {
        pick.candidate: reason
        for pick, answer in zip(picks, answers, strict=True)
        if answer.status
        if (reason := _of_page(pick, answer)) or pick.story.kind is not Kind.EVENT
    }
    with newsroom.database.transaction() as conn:
        pool.mark_closed(conn, reasons)


def _of_page(pick: Pick, answer: PageAnswer) -> str:
    judges = {Kind.JOB: closing.of_page, Kind.EVENT: closing.of_event, Kind.POST: closing.of_post}
    return judges[pick.story.kind](answer)


def _section(issue: Issue, pick: Pick) -> str:
    return next(section.name for section in issue.sections if pick in section.picks)
