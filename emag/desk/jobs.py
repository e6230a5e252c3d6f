"""The jobs of the pool and of the next issue, with what their closing dates mean for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from emag.content import closing
from emag.content.story import Kind, Story
from emag.database import Database
from emag.desk import pool
from emag.desk.records import Explanation
from emag.issues.issue import Issue, Pick
from emag.issues.recipe import Because
from emag.issues.tray import waits
from emag.settings import Settings

SOON = 2  # days after the issue leaves


class JobPlace(StrEnum):
    """Where a job is, seen from the next issue."""

    IN = "in"
    TRAY = "tray"  # gathered since the draft
    LATER = "later"
    OUT = "out"


class JobRisk(StrEnum):
    """What a job's closing date means for an issue that leaves on a certain day."""

    NONE = "none"
    CLOSED = "closed"  # already
    BEFORE = "before"  # it closes before the issue leaves
    SAME_DAY = "same_day"
    SOON = "soon"  # a day or two after


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A job. `reason` is why it is in or out, and `closed` why it is over, or nothing."""

    story: int
    title: str
    role: str
    employer: str
    place: str
    link: str
    closes: date | None
    is_featured: bool
    where: JobPlace
    reason: str
    risk: JobRisk
    closed: str
    closes_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobBoard:
    """All jobs, those of the issue first. Without an open issue they are judged for a new one.

    `leaves_at` is when it is expected to leave, None where no time is set.
    """

    issue: Issue | None
    leaves_at: datetime | None
    jobs: Sequence[ListedJob]


def board(database: Database, settings: Settings, *, now: datetime) -> JobBoard:
    """The jobs that the next issue holds or could hold."""
    view = pool.view(database, settings, now=now)
    leaves_at = view.issue.send_at if view.issue else None
    here, leaves = (
        moment.astimezone(settings.publication.zone) for moment in (now, leaves_at or now)
    )
    picks = {pick.candidate: pick for pick in view.issue.picks} if view.issue else {}
    jobs = [
        _listed(row, picks.get(row.candidate.id), here, leaves)
        for row in view.rows
        if row.candidate.story.kind is Kind.JOB
    ]
    order = list(JobPlace)
    jobs.sort(key=lambda job: (order.index(job.where), job.closes or date.max, job.title))
    return JobBoard(view.issue, leaves_at, jobs)


def risk_of(story: Story, page: str, *, now: datetime, leaves: datetime) -> JobRisk:
    """What the closing date means, at two times in the publication's time zone.

    `page` is what the job's page said, or nothing.
    """
    if closing.reason(story, page, now):
        return JobRisk.CLOSED
    if closing.reason(story, page, leaves):
        return JobRisk.BEFORE
    closes = story.vacancy.closes if story.vacancy else None
    left = (closes - leaves.date()).days if closes else SOON + 1
    if left > SOON:
        return JobRisk.NONE
    return JobRisk.SOON if left else JobRisk.SAME_DAY


def _listed(row: Explanation, pick: Pick | None, now: datetime, leaves: datetime) -> ListedJob:
    source, page = row.candidate.story, row.candidate.closed
    story = pick.story if pick else source
    vacancy = story.vacancy
    return ListedJob(
        story=row.candidate.id,
        title=story.title,
        role=vacancy.role if vacancy and vacancy.role else story.title,
        employer=vacancy.employer if vacancy else "",
        place=vacancy.place if vacancy else "",
        link=story.link,
        closes=vacancy.closes if vacancy else None,
        is_featured=bool(pick and vacancy and vacancy.job_of_the_week),
        where=_where(row, pick),
        reason=row.verdict.reason.partition(": ")[2] or row.verdict.reason,
        risk=risk_of(source, page, now=now, leaves=leaves),
        closed=closing.reason(source, page, now),
        closes_at=vacancy.closes_at if vacancy else None,
    )


def _where(row: Explanation, pick: Pick | None) -> JobPlace:
    if pick or row.verdict.chosen:
        return JobPlace.IN
    if row.verdict.because is Because.HELD:
        return JobPlace.LATER
    return JobPlace.TRAY if waits(row.verdict) else JobPlace.OUT
