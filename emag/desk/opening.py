"""Opens the next issue: asks the pages of the jobs that could go into it, then drafts it."""

from datetime import datetime, timedelta

from emag.content import closing
from emag.content import store as pool
from emag.content.pages.page import StoryPages
from emag.content.story import Kind
from emag.database import Database
from emag.dates.calendar import IssueDate
from emag.issues.choice import considered, considered_again
from emag.issues.draft import draft
from emag.issues.issue import UNFROZEN, Issue
from emag.settings import Settings

WITHIN = timedelta(seconds=20)  # for all pages
MOST = 300  # pages


def open_issue(
    database: Database,
    settings: Settings,
    pages: StoryPages | None,
    *,
    now: datetime,
    by: str,
    on: IssueDate | None = None,
) -> Issue:
    """Drafts the issue of a date, as `draft` does. A job whose page is gone stays out of it.

    Of its posts it is recorded whether their pages are there: only a page that goes later is news.
    """
    if pages is None:
        return draft(database, settings, now=now, by=by, on=on)
    _ask(database, settings, pages, now=now)
    issue = draft(database, settings, now=now, by=by, on=on)
    if issue.status in UNFROZEN:
        _ask_posts(database, pages, issue)
    return issue


def _ask(database: Database, settings: Settings, pages: StoryPages, *, now: datetime) -> None:
    """Records of each open job whether its page says that it is over."""
    local = now.astimezone(settings.publication.zone)
    with database.reading() as conn:
        open_jobs = [
            candidate
            for candidate in (*considered(conn), *considered_again(conn, settings))
            if candidate.story.kind is Kind.JOB and not closing.reason(candidate.story, "", local)
        ][-MOST:]
    answers = pages.ask([job.story.link for job in open_jobs], within=WITHIN)
    reasons = {
        job.id: closing.of_page(answer)
        for job, answer in zip(open_jobs, answers, strict=True)
        if answer.status
    }
    with database.transaction() as conn:
        pool.mark_closed(conn, reasons)


def _ask_posts(database: Database, pages: StoryPages, issue: Issue) -> None:
    posts = [pick for pick in issue.picks if pick.story.kind is Kind.POST]
    answers = pages.ask([pick.story.link for pick in posts], within=WITHIN)
    reasons = {
        pick.candidate: closing.of_post(answer)
        for pick, answer in zip(posts, answers, strict=True)
        if answer.status
    }
    with database.transaction() as conn:
        pool.mark_closed(conn, reasons)
