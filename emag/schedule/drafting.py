"""The timetable's drafts: made when due, then put before the editor or approved."""

from collections.abc import Iterator
from datetime import timedelta

from emag.content import gather
from emag.desk import approve
from emag.errors import EmagError, TooFewStories
from emag.issues.draft import draft
from emag.issues.issue import Issue, Status
from emag.newsroom import Newsroom
from emag.schedule import runs, tell
from emag.schedule.timetable import DueRun, drafts_due

TIMETABLE = "the timetable"
FRESH = timedelta(minutes=5)
GATHER = ("gather", "")
_OPEN = frozenset({Status.DRAFT, Status.IN_REVIEW})


def drafts(newsroom: Newsroom) -> Iterator[str]:
    """Opens every issue that is due and asks for its approval."""
    schedule, now = newsroom.settings.schedule, newsroom.now()
    automatic = schedule.approval == "automatic"
    with newsroom.database.reading() as conn:
        ran = runs.finished(conn)
    due = drafts_due(
        schedule.draft,
        schedule.send,
        newsroom.settings.publication.zone,
        now=now,
        ran=ran,
        grace=schedule.max_lateness if automatic else timedelta(0),
    )
    for run in due:
        if runs.claim(newsroom.database, run.key, now=now):
            _freshen(newsroom)
            said = _draft(newsroom, run)
            runs.finish(newsroom.database, run.key, said, now=newsroom.now())
            yield said


def _freshen(newsroom: Newsroom) -> None:
    """Reads the sources once more, unless that was done just now.

    That another process is at it is not enough: the issue would be drafted without what it reads.
    """
    database, now = newsroom.database, newsroom.now()
    with database.reading() as conn:
        done = runs.finished_at(conn, GATHER)
    if done is None or now - done >= FRESH:
        gather.gather(database, newsroom.sources, now=now)
        runs.finish(database, GATHER, "", now=newsroom.now())


def _draft(newsroom: Newsroom, run: DueRun) -> str:
    try:
        issue = draft(
            newsroom.database,
            newsroom.settings,
            now=newsroom.now(),
            send_at=run.send_at,
            by=TIMETABLE,
        )
    except TooFewStories as error:
        tell.too_few(newsroom, run, str(error))
        return f"No issue was drafted: {error}"
    if issue.status not in _OPEN:
        return f"Issue {issue.number} was drafted before"
    return put_forward(newsroom, issue)


def put_forward(newsroom: Newsroom, issue: Issue) -> str:
    """Approves it where the settings say so and nothing blocks; else asks the editor."""
    if newsroom.settings.schedule.approval == "automatic":
        trouble = approve_alone(newsroom, issue)
        if not trouble:
            return f"Issue {issue.number} was drafted and approved"
    else:
        trouble = ""
    approve.submit(newsroom.database, issue.number, now=newsroom.now(), by=TIMETABLE)
    tell.asks(newsroom, issue, trouble)
    return f"Issue {issue.number} was drafted and waits for approval"


def approve_alone(newsroom: Newsroom, issue: Issue) -> str:
    """Approves an issue without an editor; returns what stands in the way, or nothing."""
    try:
        done = approve.approve(
            newsroom.database, newsroom.settings, issue.number, now=newsroom.now(), by=TIMETABLE
        )
    except EmagError as error:  # it blocks, does not print, or was changed meanwhile
        return str(error)
    tell.goes_out(newsroom, done)
    return ""
