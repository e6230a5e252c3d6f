"""What a reviewer needs besides the issue: changes since their last look, and jobs that close."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from emag.checks import Fault
from emag.database import Database
from emag.desk import history
from emag.desk.approve import leaving_time
from emag.desk.look import Inspection
from emag.desk.viewer import IssueViewer
from emag.issues import acts, approval, approved, change_requests, looks
from emag.issues.approved import GivenApproval
from emag.issues.change_requests import ChangeRequest
from emag.issues.history import ToldAct
from emag.issues.issue import Issue, Move, Pick, after
from emag.issues.looks import EditorLook, FaultOnRecord
from emag.settings import Settings

SOON = timedelta(days=1)  # after the sending: a job that closes then is hardly of use to a reader


@dataclass(frozen=True, slots=True)
class LatestChanges:
    """What others changed since a person's last look, which is `look`, or their last act.

    `since` is None where they have never looked.
    """

    since: datetime | None
    look: int
    acts: Sequence[ToldAct] = ()
    faults_new: Sequence[Fault] = ()
    faults_mended: Sequence[FaultOnRecord] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.acts or self.faults_new or self.faults_mended)


@dataclass(frozen=True, slots=True)
class LetPass:
    """A rule that somebody let pass when they approved, and why."""

    rule: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ClosingJob:
    """A job of the issue that closes before the issue leaves or within a day of it."""

    pick: Pick
    closes: date
    is_before: bool


@dataclass(frozen=True, slots=True)
class Review:
    """What is on record of an issue. `revision` is its newest act."""

    revision: int
    acts: Sequence[ToldAct]
    changes: LatestChanges
    requests: Sequence[ChangeRequest]
    overrides: Sequence[LetPass]
    approval: GivenApproval | None  # that stands


def as_it_would_leave(
    viewer: IssueViewer,
    settings: Settings,
    which: int | str,
    *,
    now: datetime,
    send_at: datetime | None = None,
) -> Inspection:
    """The frozen document, or the one that an approval would freeze now, to leave at `send_at`.

    A document shows its date, so another time makes another document. Raises NotFound, PressError,
    and WrongMove for a time that has passed.
    """
    issue = viewer.issue(which)
    if after(issue.status, Move.APPROVE) is None or (issue.document_hash and send_at is None):
        return viewer.look(issue.number, now=now)
    leaves = leaving_time(issue, settings, now=now, send_at=send_at)
    return viewer.look_anew(replace(issue, send_at=leaves), now=now)


def review(
    database: Database,
    settings: Settings,
    inspection: Inspection,
    *,
    by: str,
    look: int | None = None,
) -> Review:
    """What is on record, as one person sees it. `look` is the look they compare with."""
    issue = inspection.issue
    with database.reading() as conn:
        entries = history.entries(conn, settings, issue)
        past = looks.find(conn, issue.number, by=by, look=look)
        overrides = [LetPass(*row) for row in approval.overrides(conn, issue.number)]
        requests = change_requests.pending(conn, issue.number)
        newest = approved.latest(conn, issue.number) if issue.document_hash else None
    changes = latest_changes(entries, past, inspection.faults, by=by)
    revision = entries[-1].act.id if entries else 0
    return Review(revision, entries, changes, requests, overrides, newest)


def latest_changes(
    entries: Sequence[ToldAct], past: EditorLook | None, faults: Sequence[Fault], *, by: str
) -> LatestChanges:
    """The acts of others, and the faults, since a look or since the person's own last act."""
    latest = [entry.act for entry in entries if entry.act.by == by]
    base, since = (past.revision, past.at) if past else (0, None)
    if latest and latest[-1].id > base:
        base, since = latest[-1].id, latest[-1].at
    others = [entry for entry in entries if entry.act.id > base and entry.act.by != by]
    if past is None:
        return LatestChanges(since, 0, others)
    before = {(fault.rule, fault.where): fault for fault in past.faults}
    now = {(fault.rule, fault.where): fault for fault in faults}
    return LatestChanges(
        since,
        past.id,
        others,
        [fault for key, fault in now.items() if key not in before],
        [fault for key, fault in before.items() if key not in now],
    )


def record_look(
    database: Database, inspection: Inspection, *, revision: int, now: datetime, by: str
) -> None:
    """Records what a person has before them. `revision` is the newest act on their page."""
    faults = [FaultOnRecord(f.rule, f.where, f.message) for f in inspection.faults]
    number = inspection.issue.number
    with database.transaction() as conn:
        revision = min(revision, acts.revision(conn, number))
        looks.record(conn, number, by=by, now=now, revision=revision, faults=faults)


def closing_jobs(issue: Issue, settings: Settings, *, now: datetime) -> list[ClosingJob]:
    """The jobs that close before the issue leaves or within a day of it, the first ones first."""
    zone = settings.publication.zone
    leaves = max(issue.send_at or now, now).astimezone(zone)
    jobs = [
        ClosingJob(pick, vacancy.closes, vacancy.closed(leaves))
        for pick in issue.picks
        if (vacancy := pick.story.vacancy)
        and vacancy.closes
        and vacancy.closes <= leaves.date() + SOON
    ]
    return sorted(jobs, key=lambda job: job.closes)
