"""Drafts the issues that are due, then asks for an approval or approves them automatically."""

from collections.abc import Iterator
from datetime import timedelta

from emag.checks import FOR_A_PERSON
from emag.content import gather
from emag.dates.store import between
from emag.desk import approve, pictures
from emag.desk.opening import open_issue
from emag.errors import EmagError, TooFewStories
from emag.issues.issue import Issue, Status
from emag.newsroom import Newsroom
from emag.schedule import notify, runs
from emag.schedule.timetable import (
    LOOK_AHEAD,
    ON_RECORD,
    DueRun,
    drafts_due,
    drafts_without_a_send,
)

TIMETABLE = "the timetable"  # who acts where no person does
FRESH = timedelta(minutes=5)
GATHER = ("gather", "")
_OPEN = frozenset({Status.DRAFT, Status.IN_REVIEW})


def drafts(newsroom: Newsroom) -> Iterator[str]:
    """Drafts every issue that is due, and asks for its approval. Yields a line for each."""
    for run in _due(newsroom):
        if runs.claim(newsroom.database, run.key, now=newsroom.now()):
            _freshen(newsroom)
            outcome = _draft(newsroom, run)
            runs.finish(newsroom.database, run.key, outcome, now=newsroom.now())
            yield outcome


def _due(newsroom: Newsroom) -> list[DueRun]:
    settings, now = newsroom.settings, newsroom.now()
    schedule, grace = settings.schedule, timedelta(0)
    if schedule.approval == "automatic":
        grace = schedule.max_lateness
    with newsroom.database.reading() as conn:
        ran = runs.finished(conn, since=now - ON_RECORD)
        entries = between(conn, settings, after=now - grace, until=now + LOOK_AHEAD)
    if not schedule.send:
        zone = settings.publication.zone
        return drafts_without_a_send(schedule.draft, zone, now=now, ran=ran)
    return drafts_due(entries, now=now, ran=ran, grace=grace)


def _freshen(newsroom: Newsroom) -> None:
    """Reads the sources again, unless they were read in the last few minutes.

    It does not rely on another process that is reading them now: the draft would not wait for it.
    """
    database, now = newsroom.database, newsroom.now()
    with database.reading() as conn:
        read_at = runs.finished_at(conn, GATHER)
    if read_at is None or now - read_at >= FRESH:
        gather.gather(database, newsroom.sources, now=now, pages=newsroom.pages)
        runs.finish(database, GATHER, "", now=newsroom.now())


def _draft(newsroom: Newsroom, run: DueRun) -> str:
    try:
        issue = open_issue(
            newsroom.database,
            newsroom.settings,
            newsroom.pages,
            now=newsroom.now(),
            on=run.on,
            by=TIMETABLE,
        )
    except TooFewStories as error:
        notify.too_few(newsroom, run, str(error))
        return f"No issue was drafted: {error}"
    fetch_pictures(newsroom, is_urgent=True)
    if issue.status not in _OPEN:
        return f"Issue {issue.number} was drafted before"
    return put_forward(newsroom, issue)


def fetch_pictures(newsroom: Newsroom, *, is_urgent: bool = False, with_pool: bool = False) -> int:
    """Fetches the pictures that issues and promos have none of yet. Returns how many came."""
    return pictures.fetch(
        newsroom.database,
        newsroom.settings,
        newsroom.pictures,
        now=newsroom.now(),
        is_urgent=is_urgent,
        with_pool=with_pool,
    ).fetched


def put_forward(newsroom: Newsroom, issue: Issue) -> str:
    """Approves the issue if the settings allow that and nothing blocks; else asks the editors."""
    if newsroom.settings.schedule.approval == "automatic":
        trouble = approve_alone(newsroom, issue)
        if not trouble:
            return f"Issue {issue.number} was drafted and approved"
    else:
        trouble = ""
    approve.submit(newsroom.database, issue.number, now=newsroom.now(), by=TIMETABLE)
    notify.approval_needed(newsroom, issue, trouble)
    return f"Issue {issue.number} was drafted and waits for approval"


def approve_alone(newsroom: Newsroom, issue: Issue) -> str:
    """Approves an issue without an editor. Returns what prevents it, or an empty text."""
    try:
        approved = approve.approve(
            newsroom.database,
            newsroom.settings,
            issue.number,
            now=newsroom.now(),
            by=TIMETABLE,
            outside=newsroom.outside,
            strict=FOR_A_PERSON,
        )
    except EmagError as error:  # something blocks, or it was changed meanwhile
        return str(error)
    notify.approved_automatically(newsroom, approved.issue)
    return ""
