"""Finds the stories of an approved issue that are over: jobs, events, and a lead without a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from emag.content import closing, gather
from emag.content import store as pool
from emag.content.pages.page import PageAnswer
from emag.content.story import Kind, Story
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


def find_closures(newsroom: Newsroom, number: int) -> list[Closure]:
    """Reads sources and pages again, and says which stories of the issue are over.

    A source or page that gives no answer changes nothing. What was over when the issue was
    approved, and was let pass then, is no closure.
    """
    now = newsroom.now()
    with newsroom.database.reading() as conn:
        risky = at_risk(store.get(conn, number))
    if not risky:
        return []
    names = {(pick.source or pick.story).source for pick in risky}
    sources = [source for source in newsroom.sources if source.name in names]
    gather.gather(newsroom.database, sources, now=now, within=SOURCES_WITHIN)
    if newsroom.pages:
        paged = [pick for pick in risky if pick.story.kind is not Kind.EVENT]
        links = [pick.story.link for pick in paged]
        _record(newsroom, paged, newsroom.pages.ask(links, within=PAGES_WITHIN))
    with newsroom.database.reading() as conn:
        issue, approval = store.get(conn, number), approved.latest(conn, number)
    return newly_over(issue, approval, now.astimezone(newsroom.settings.publication.zone))


def at_risk(issue: Issue) -> list[Pick]:
    """The jobs and events of an issue, and its lead."""
    lead = next((pick for pick in issue.picks if pick.story.kind is Kind.POST), None)
    return [pick for pick in issue.picks if pick.story.kind is not Kind.POST or pick is lead]


def newly_over(issue: Issue, approval: GivenApproval | None, at: date) -> list[Closure]:
    """The stories that are over by `at` and were not when the issue was approved."""
    printed = approval.stories if approval else {}
    passed = approval.passed if approval else frozenset()
    over = []
    for pick in at_risk(issue):
        document = printed.get(pick.candidate, pick.story)
        reason = _reason(pick, document, at)
        rule = "page-gone" if pick.story.kind is Kind.POST else "closed-job"
        if reason and (rule, document.title) not in passed:
            over.append(Closure(pick.candidate, _section(issue, pick), document.title, reason))
    return over


def _reason(pick: Pick, printed: Story, at: date) -> str:
    """Why a story is over; of an event that recurs, the date that was printed counts."""
    story = pick.source or pick.story
    if story.kind is Kind.POST:
        return pick.closed
    return closing.reason(story, pick.closed, at) or closing.past(printed, at)


def _record(newsroom: Newsroom, picks: Iterable[Pick], answers: Iterable[PageAnswer]) -> None:
    reasons: Mapping[int, str] = {
        pick.candidate: _of_page(pick, answer)
        for pick, answer in zip(picks, answers, strict=True)
        if answer.status
    }
    with newsroom.database.transaction() as conn:
        pool.mark_closed(conn, reasons)


def _of_page(pick: Pick, answer: PageAnswer) -> str:
    is_job = pick.story.kind is Kind.JOB
    return closing.of_page(answer) if is_job else closing.of_post(answer)


def _section(issue: Issue, pick: Pick) -> str:
    return next(section.name for section in issue.sections if pick in section.picks)
