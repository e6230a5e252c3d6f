"""Knows why nothing moves: of the whole publication, and of each issue that should be leaving."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from emag import instance
from emag.condition import Condition
from emag.content.health import trouble_store
from emag.content.health.trouble import TroubleKind
from emag.database import Database
from emag.database_faults import explain
from emag.desk.progress import paused_by, why_paused
from emag.errors import DatabaseError
from emag.issues import life, store
from emag.issues.issue import Move, Status
from emag.issues.period import in_words
from emag.mailing.letters import post
from emag.mailing.sending import deliver, ledger
from emag.mailing.sending.warmup import WarmUp
from emag.schedule import runs
from emag.schedule.timetable import late
from emag.settings import Settings

STUCK = timedelta(minutes=5)  # without any outcome
LATE = timedelta(minutes=10)  # the schedule runs every few seconds
UNREAD = 3  # times the pause between two looks into the mailbox
LEAST_FREE = 200_000_000  # bytes; with less, the database may fail to write
_QUIET_SOURCES = frozenset({TroubleKind.FAILING, TroubleKind.EMPTY, TroubleKind.DRY})


class Obstacle(StrEnum):
    """What keeps something from moving."""

    DATABASE = "database-away"
    HELD_COPY = "held-copy"
    DISK = "disk-nearly-full"
    SCHEDULE = "schedule-late"
    CLOCK = "clock-jumped"
    SERVER = "paused-by-server"
    COMPLAINTS = "paused-by-complaints"
    PERSON = "paused-by-person"
    RELAY = "relay-away"
    STUCK = "sending-stuck"
    OVERDUE = "issue-overdue"
    WARM_UP = "warm-up-limit"
    MAILBOX = "mailbox-unread"
    SOURCE = "source-dry"


# While one of these lasts, /healthz answers 503.
IS_DOWN = frozenset(
    {
        Obstacle.DATABASE,
        Obstacle.HELD_COPY,
        Obstacle.DISK,
        Obstacle.SCHEDULE,
        Obstacle.SERVER,
        Obstacle.RELAY,
        Obstacle.STUCK,
        Obstacle.OVERDUE,
    }
)
# Somebody decided these, or they end by themselves.
IS_EXPECTED = frozenset({Obstacle.PERSON, Obstacle.WARM_UP})

# These say no more than that the database refuses.
_FOLLOWS_FROM_DATABASE = frozenset(
    {Obstacle.SCHEDULE, Obstacle.STUCK, Obstacle.OVERDUE, Obstacle.MAILBOX}
)

_ISSUE = "Issue {issue}"
SENTENCES = {
    Obstacle.DATABASE: "{words}.",
    Obstacle.HELD_COPY: "{words}: nothing is sent until you run “emag db release” on the database "
    "that is to send.",
    Obstacle.DISK: "{words} are free on the disk: make room, or the database cannot be written.",
    Obstacle.SCHEDULE: "The schedule has not run for {words}, since {since}: see whether “emag "
    "serve” runs, and what its log says.",
    Obstacle.CLOCK: "The clock of this machine {words}, to {since}: the schedule drafts and sends "
    "nothing for half an hour. Set the clock right; if it is right now, restart emag.",
    Obstacle.SERVER: "Issue {issue} was paused by the mail server on {since}: {words}. Correct the "
    "cause, then run “emag issue resume {issue}”.",
    Obstacle.COMPLAINTS: "Issue {issue} was paused on {since}: {words}. Find out why, then run "
    "“emag issue resume {issue}” or “emag issue cancel {issue}”.",
    Obstacle.PERSON: "Issue {issue} is paused since {since}: {words}. “emag issue resume {issue}” "
    "goes on.",
    Obstacle.RELAY: "{subject} cannot leave since {since}: {words}. emag tries again by itself.",
    Obstacle.STUCK: "Nothing of issue {issue} has left since {since}: see whether “emag serve” "
    "runs, and what its log says.",
    Obstacle.OVERDUE: "Issue {issue} was to leave on {since} and has not begun: see whether “emag "
    "serve” runs, and what its log says.",
    Obstacle.WARM_UP: "Issue {issue} waits for tomorrow: today's limit of transport.warm_up is "
    "reached.",
    Obstacle.MAILBOX: "The mailbox of bounces has not been read since {since}: {words}.",
    Obstacle.SOURCE: "The source “{subject}” needs a look since {since}: {words}.",
}


@dataclass(frozen=True, slots=True)
class Standstill:
    """One thing that does not move. `words` are a server's or a cause's, without a full stop."""

    obstacle: Obstacle
    since: datetime | None = None
    words: str = ""
    issue: int = 0
    subject: str = ""

    @property
    def is_down(self) -> bool:
        """True while /healthz must answer 503."""
        return self.obstacle in IS_DOWN

    @property
    def key(self) -> str:
        """The same for the same matter, until it is over: a relay is one, whatever waits for it."""
        if self.obstacle is Obstacle.RELAY:
            return str(self.obstacle)
        return " ".join(filter(None, (self.obstacle, str(self.issue or ""), self.subject)))

    def sentence(self, zone: tzinfo) -> str:
        """What does not move, since when and why, and what to do."""
        since = in_words(self.since, zone) if self.since else "the start"
        words = self.words.rstrip(".") or "no reason is known"
        return SENTENCES[self.obstacle].format(
            since=since, words=words, issue=self.issue, subject=self.subject
        )


def standstills(
    database: Database, settings: Settings, *, now: datetime, condition: Condition | None = None
) -> list[Standstill]:
    """Everything that does not move now, what is worst first. It changes nothing.

    `condition` is that of the process that asks, if it runs the schedule.
    """
    causes = list(_of_process(condition)) if condition else []
    is_known = any(cause.obstacle is Obstacle.DATABASE for cause in causes)
    try:
        causes += _of_database(database, settings, now)
    except (SQLAlchemyError, DatabaseError) as error:
        words = explain(error) or "The database does not answer: see whether it runs"
        causes += [] if is_known else [Standstill(Obstacle.DATABASE, words=words.rstrip("."))]
    causes += of_disk(settings.folder)
    causes = _without_repetition(causes)
    if any(cause.obstacle is Obstacle.DATABASE for cause in causes):
        causes = [cause for cause in causes if cause.obstacle not in _FOLLOWS_FROM_DATABASE]
    order = list(Obstacle)
    return sorted(causes, key=lambda cause: order.index(cause.obstacle))


def _without_repetition(causes: Sequence[Standstill]) -> list[Standstill]:
    """The schedule reports a held copy as a database that refuses, which is the same matter."""
    words = tuple(cause.words for cause in causes if cause.obstacle is Obstacle.HELD_COPY)
    return [
        cause
        for cause in causes
        if cause.obstacle is not Obstacle.DATABASE or not cause.words.startswith(words)
    ]


def _of_process(condition: Condition) -> Iterator[Standstill]:
    if trouble := condition.database:
        yield Standstill(Obstacle.DATABASE, trouble.since, trouble.words)
    if jump := condition.jump:
        yield Standstill(Obstacle.CLOCK, jump.at, str(jump))


def free_bytes(folder: Path) -> int:
    """How much is free on the publication's disk."""
    return shutil.disk_usage(folder).free


def _of_database(database: Database, settings: Settings, now: datetime) -> Iterator[Standstill]:
    held = instance.hold_reason(database)
    with database.reading() as conn:
        if held:
            yield Standstill(Obstacle.HELD_COPY, words=held)
        beat = runs.last_beat(conn)
        if beat and now - beat > LATE:
            words = f"{(now - beat) // timedelta(minutes=1):,} minutes"
            yield Standstill(Obstacle.SCHEDULE, beat, words)
        yield from _paused(conn)
        if not held:
            leaving = list(_leaving(conn, settings, now))
            yield from leaving
            yield from _overdue(conn, settings, now)
            if not any(cause.obstacle is Obstacle.RELAY for cause in leaving):
                yield from _letters(conn, now)
        yield from _mailbox(conn, settings, now)
        yield from _sources(conn, settings)


def _paused(conn: Connection) -> Iterator[Standstill]:
    obstacles = {deliver.SERVER: Obstacle.SERVER, deliver.COMPLAINTS: Obstacle.COMPLAINTS}
    for issue in store.listing(conn, Status.PAUSED):
        words, since = why_paused(conn, issue.number)
        obstacle = obstacles.get(paused_by(conn, issue.number), Obstacle.PERSON)
        yield Standstill(obstacle, since, words, issue.number)


def _leaving(conn: Connection, settings: Settings, now: datetime) -> Iterator[Standstill]:
    for number in ledger.unfinished(conn):
        since = _waits_since(conn, number) if ledger.has_queued(conn, number) else None
        if since is None or now - since <= STUCK:
            continue
        if reason := ledger.waiting_reason(conn, number):
            subject = _ISSUE.format(issue=number)
            yield Standstill(Obstacle.RELAY, since, reason, number, subject)
        elif _is_day_used_up(conn, settings, now):
            yield Standstill(Obstacle.WARM_UP, since, issue=number)
        else:
            yield Standstill(Obstacle.STUCK, since, issue=number)


def _waits_since(conn: Connection, number: int) -> datetime | None:
    """When something of the issue last left, or when somebody last let it leave."""
    resumed = (step.at for step in life.history(conn, number) if step.move is Move.RESUME)
    moments = (ledger.last_outcome_at(conn, number), *resumed)
    return max(filter(None, moments), default=None)


def _is_day_used_up(conn: Connection, settings: Settings, now: datetime) -> bool:
    today = now.astimezone(settings.publication.zone).date()
    return WarmUp(settings.transport.warm_up, lambda: today).is_over(conn)


def _overdue(conn: Connection, settings: Settings, now: datetime) -> Iterator[Standstill]:
    """Approved issues whose time has come. One that is too late is held by the schedule."""
    most = settings.schedule.max_lateness + LATE
    for issue in store.listing(conn, Status.APPROVED):
        if issue.send_at and now - issue.send_at > STUCK and not late(issue.send_at, now, most):
            yield Standstill(Obstacle.OVERDUE, issue.send_at, issue=issue.number)


def _letters(conn: Connection, now: datetime) -> Iterator[Standstill]:
    letter = post.waiting_letter(conn)
    if letter and now - letter.since > STUCK:
        subject = "Letters to readers and editors"
        yield Standstill(Obstacle.RELAY, letter.since, letter.reason, subject=subject)


def _mailbox(conn: Connection, settings: Settings, now: datetime) -> Iterator[Standstill]:
    if settings.mailbox.kind == "none":
        return
    tried, reason = runs.started(conn, runs.MAILBOX)
    read_at, _ = runs.started(conn, runs.MAILBOX_READ)
    since = read_at or tried
    if since and now - since > max(UNREAD * settings.mailbox.every, LATE):
        words = reason or "nobody looked into it"
        yield Standstill(Obstacle.MAILBOX, since, words)


def _sources(conn: Connection, settings: Settings) -> Iterator[Standstill]:
    names = [source.name for source in settings.sources]
    for entry in trouble_store.standing(conn, names):
        if entry.trouble.kind in _QUIET_SOURCES:
            words = str(entry.trouble)
            yield Standstill(Obstacle.SOURCE, entry.since, words, subject=entry.source)


def of_disk(folder: Path, *, least: int = LEAST_FREE) -> list[Standstill]:
    """Nothing while `least` bytes are free on the publication's disk."""
    free = free_bytes(folder)
    if free >= least:
        return []
    return [Standstill(Obstacle.DISK, words=f"Only {free // 1_000_000:,} MB")]
