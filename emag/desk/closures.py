"""Finds the stories of an approved issue that are over: closed jobs, and a lead without a page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from emag.content import closing, gather
from emag.content import store as pool
from emag.content.pages import PageAnswer
from emag.content.story import Kind
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
        links = [pick.story.link for pick in risky]
        _record(newsroom, risky, newsroom.pages.ask(links, within=PAGES_WITHIN))
    with newsroom.database.reading() as conn:
        issue, approval = store.get(conn, number), approved.latest(conn, number)
    return newly_over(issue, approval, now.astimezone(newsroom.settings.publication.zone))


def at_risk(issue: Issue) -> list[Pick]:
    """The jobs of an issue, and its lead."""
    lead = next((pick for pick in issue.picks if pick.story.kind is Kind.POST), None)
    return [pick for pick in issue.picks if pick.story.kind is Kind.JOB or pick is lead]


def newly_over(issue: Issue, approval: GivenApproval | None, at: date) -> list[Closure]:
    """The stories that are over by `at` and were not when the issue was approved."""
    printed = approval.stories if approval else {}
    passed = approval.passed if approval else frozenset()
    over = []
    for pick in at_risk(issue):
        title = printed[pick.candidate].title if pick.candidate in printed else pick.story.title
        story = pick.source or pick.story
        is_job = story.kind is Kind.JOB
        reason = closing.reason(story, pick.closed, at) if is_job else pick.closed
        rule = "closed-job" if is_job else "page-gone"
        if reason and (rule, title) not in passed:
            over.append(Closure(pick.candidate, _section(issue, pick), title, reason))
    return over


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
