"""The verb: sends what is due of an issue, and ends it."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy import Connection

from emag import instance
from emag.database import Database
from emag.errors import WrongMove
from emag.issues import approval, life, store
from emag.issues.issue import Issue, Move, Status, spoken
from emag.mailing.copy import mail_merge
from emag.mailing.letters import notice
from emag.mailing.sending import in_flight_log, ledger, worker
from emag.mailing.sending.claims import MAY_LEAVE
from emag.mailing.sending.run import SendRun
from emag.mailing.sending.sender import Sender
from emag.settings import Settings
from subscribers.tokens import Keys

_HAS_BEGUN = frozenset({Status.SENDING, Status.PAUSED, Status.SENT, Status.CANCELLED})
SENDER = "the sender"  # who closes an issue once all its messages have left
SERVER = "the mail server"  # who pauses an issue that the server refuses
COMPLAINTS = "the limit on complaints"  # who pauses an issue that too many complain of
_RETRY = timedelta(hours=1)  # until a server that refuses the sender of a sent issue is asked again
_LOOK_SECONDS = 1.0  # between looks at the clock while only deferred deliveries are left
_COUNT_COST = 50  # progress is counted so seldom that it takes a fiftieth of the time
_COUNT_SECONDS = 0.25  # at least, between two counts
_LOG_SECONDS = 60.0  # between two lines of the log that say where a sending is
_LOGGED = ("queued", "deferred", "refused", "doubtful", "skipped")

Progress = Callable[[Mapping[str, int]], None]
log = logging.getLogger("emag.sending")


def deliver(
    sender: Sender,
    number: int,
    *,
    settings: Settings,
    keys: Keys,
    stop: threading.Event | None = None,
    progress: Progress | None = None,
    wait: bool = True,
    retry: bool = False,
) -> dict[str, int]:
    """Sends what is due of an issue that was addressed. After a crash, a new call goes on.

    Gives the counts, which add up. With `wait` it stays until nothing is queued or in flight, also
    while the server cannot be reached, or until today's limit of a warm-up is used up. With
    `retry` it stays for the deferred ones too. Without `wait` it returns after one round, and
    expects to be called again. `stop` ends it after the messages in flight. Raises WrongMove if
    the issue is not being sent, DatabaseError if the database is a copy.
    """
    database = sender.database
    with database.reading() as conn:
        issue = store.get(conn, number)
        frozen = approval.frozen(conn, number)
    if issue.status not in _HAS_BEGUN:
        raise WrongMove(f"Issue {number} is {spoken(issue.status)}: it is not being sent")
    if issue.status in MAY_LEAVE:
        instance.renew(database)
        edition = issue.edition or number
        merge = mail_merge.of_issue(number, frozen, settings, keys, edition=edition)
        run = SendRun(sender, number, merge, stop=stop or threading.Event(), patient=wait)
        _send(run, sender, number, progress=progress, wait=wait, retry=retry)
        if run.refused:
            _pause_refused(database, settings, number, run.refused, now=sender.now())
        instance.renew(database)
    counts = _finish(database, number, now=sender.now())
    if progress:
        progress(counts)
    return counts


def cancel(database: Database, number: int, *, now: datetime, by: str) -> Issue:
    """Ends an issue for good: readers who have no copy yet get none. Raises WrongMove."""
    with database.transaction() as conn:
        issue = life.move(conn, number, Move.CANCEL, now=now, by=by)
        ledger.skip_rest(conn, number, reason="the issue was cancelled", now=now)
        return issue


def _send(
    run: SendRun,
    sender: Sender,
    number: int,
    *,
    progress: Progress | None,
    wait: bool,
    retry: bool,
) -> None:
    """Repeats the run until nothing waits any more or something ends it."""
    counter = _ProgressCounter(sender.database, number, progress)
    while True:
        _settle_dead(sender, number)
        run.until_idle(counter)
        counter()
        if run.has_ended or run.is_day_used_up or not wait:
            return
        with sender.database.reading() as conn:
            due = ledger.next_due(conn, number, deferred=retry)
            if due is None or ledger.issue_status(conn, number) not in MAY_LEAVE:
                return
        run.sleep(min(max((due - sender.now()).total_seconds(), 0.0), _LOOK_SECONDS))


def _settle_dead(sender: Sender, number: int) -> None:
    """Settles the claims of workers on this machine that have ended, without waiting for leases."""
    with sender.database.reading() as conn:
        dead = worker.dead(ledger.workers(conn, number), sender.abandoned)
    paths = {name: in_flight_log.path_for(sender.terms.folder, name) for name in dead}
    logs = {name: in_flight_log.read_file(path) for name, path in paths.items()}
    with sender.database.transaction() as conn:
        ledger.settle_dead(conn, number, logs, now=sender.now())
    for path in paths.values():
        path.unlink(missing_ok=True)


def _finish(database: Database, number: int, *, now: datetime) -> dict[str, int]:
    with database.transaction() as conn:
        status = ledger.issue_status(conn, number, lock=True)
        if status is Status.CANCELLED:
            ledger.skip_rest(conn, number, reason="the issue was cancelled", now=now)
        counts = ledger.counts(conn, number)
        _record_first_acceptance(conn, number)
        # An issue without its deliveries has not been addressed yet: it has not been sent.
        is_sent = ledger.addressed(conn, number) is not None and ledger.has_left(counts)
        if status is Status.SENDING and is_sent:
            life.move(conn, number, Move.FINISH, now=now, by=SENDER)
        return counts


def _record_first_acceptance(conn: Connection, number: int) -> None:
    """The archive shows the issue under the day on which a server accepted its first message."""
    if store.get(conn, number).first_accepted_at is None:
        accepted_at = ledger.first_accepted_at(conn, number)
        if accepted_at is not None:
            store.edit(conn, number, first_accepted_at=accepted_at)


def _pause_refused(
    database: Database, settings: Settings, number: int, reason: str, *, now: datetime
) -> None:
    """Pauses the issue and tells the editors why: the mail server refuses the sender.

    A sent issue cannot be paused. What is left of it is tried again an hour later.
    """
    with database.transaction() as conn:
        is_paused = _pause(conn, number, reason=reason, now=now)
        if is_paused:
            state, advice = "was paused", f"“emag issue resume {number}” goes on."
        else:
            ledger.postpone(conn, number, until=now + _RETRY, reason=reason)
            state, advice = "is not sent to the rest now", "emag goes on by itself within the hour."
        notice.notify_editors(
            conn,
            settings=settings,
            key=f"issue-{number}-refused-{now:%Y%m%dT%H%M}",
            subject=f"Issue {number} {state}: the mail server refuses us",
            text=f"No reader is lost and no reader gets two copies. The server's reason:\n\n"
            f"{reason}\n\nOnce you have corrected the cause, {advice}",
            now=now,
            is_trouble=True,
        )


def _pause(conn: Connection, number: int, *, reason: str, now: datetime) -> bool:
    if ledger.issue_status(conn, number, lock=True) is not Status.SENDING:
        return False
    life.move(conn, number, Move.PAUSE, now=now, by=SERVER, reason=reason)
    return True


class _ProgressCounter:
    """Counts deliveries for a progress bar now and then, and for the log every minute."""

    def __init__(self, database: Database, number: int, progress: Progress | None) -> None:
        self._database, self._number, self._progress = database, number, progress
        self._next_at, self._log_at = 0.0, monotonic() + _LOG_SECONDS

    def __call__(self) -> None:
        began = monotonic()
        is_watched = self._progress is not None and began >= self._next_at
        if not is_watched and began < self._log_at:
            return
        with self._database.reading() as conn:
            counts = ledger.counts(conn, self._number)
        if self._progress:
            self._progress(counts)
            self._next_at = monotonic() + max(_COUNT_SECONDS, _COUNT_COST * (monotonic() - began))
        if began >= self._log_at:
            self._log_at = began + _LOG_SECONDS
            log.info(where(self._number, counts))


def where(number: int, counts: Mapping[str, int]) -> str:
    """Where a sending is, in one line of the log."""
    others = "".join(f", {counts[name]:,} {name}" for name in _LOGGED if counts[name])
    accepted, planned = counts["accepted"], counts["planned"]
    return f"Issue {number}: {accepted:,} of {planned:,} accepted{others}"
