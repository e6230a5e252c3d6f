"""The verb: claim, send, record."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from weakref import WeakKeyDictionary

from sqlalchemy import Connection

from emag import instance
from emag.database import Database
from emag.errors import WrongMove
from emag.issues import approval, life, store
from emag.issues.issue import Issue, Move, Status, spoken
from emag.mailing.copy import mail_merge
from emag.mailing.letters import notice
from emag.mailing.sending import in_flight_log, ledger, worker
from emag.mailing.sending.domain_throttle import DomainThrottle
from emag.mailing.sending.run import Run
from emag.mailing.sending.warmup import WarmUp
from emag.mailing.transports import Transport
from emag.settings import Settings
from subscribers.tokens import Keys

_UNDER_WAY = frozenset({Status.SENDING, Status.PAUSED, Status.SENT, Status.CANCELLED})
_MAY_LEAVE = frozenset({Status.SENDING, Status.SENT})
SENDER = "the sender"  # who closes an issue once all its messages have left
SERVER = "the mail server"  # who pauses an issue that it refuses
_AGAIN = timedelta(hours=1)  # until a server that refuses the sender of a sent issue is tried again
_LOOK_SECONDS = 1.0  # between looks at the clock while only deferred ones are left
_SHARE = 50  # progress is counted so seldom that it costs a fiftieth of the time

_DOMAINS: WeakKeyDictionary[Database, dict[float, DomainThrottle]] = WeakKeyDictionary()

Progress = Callable[[Mapping[str, int]], None]


def deliver(
    database: Database,
    number: int,
    *,
    transport: Transport,
    settings: Settings,
    keys: Keys,
    now: Callable[[], datetime],
    stop: threading.Event | None = None,
    progress: Progress | None = None,
    wait: bool = True,
    retry: bool = False,
) -> dict[str, int]:
    """Sends what is due of an issue that was addressed, and goes on after a breakdown.

    Returns the counts, which add up. With `wait` it stays until nothing is queued or in flight,
    also while the server is away, or until the day's share of a warm-up has left. With `retry` it
    stays for the deferred ones too. Without `wait` it returns after one round, and expects to be
    called again. `stop` ends it after the messages under way. Raises
    WrongMove for an issue that is not on its way, DatabaseError if the database is a copy.
    """
    stop = stop or threading.Event()
    with database.reading() as conn:
        issue = store.get(conn, number)
        frozen = approval.frozen(conn, number)
    if issue.status not in _UNDER_WAY:
        raise WrongMove(f"Issue {number} is {spoken(issue.status)}: it is not being sent")
    run = None
    if issue.status in _MAY_LEAVE:
        instance.renew(database)
        run = Run(
            database,
            number,
            mail_merge.of_issue(number, frozen, settings, keys),
            transport,
            connections=settings.transport.connections,
            rate=settings.transport.rate,
            now=now,
            stop=stop,
            patient=wait,
            folder=settings.folder,
            domains=_domains(database, settings.transport.domain_rate),
            warm_up=WarmUp(
                settings.transport.warm_up,
                lambda: f"{now().astimezone(settings.publication.zone):%Y-%m-%d}",
            ),
        )
        _run(
            run,
            database,
            number,
            settings.folder,
            now=now,
            progress=progress,
            wait=wait,
            retry=retry,
        )
        if run.refused:
            _halt(database, settings, number, run.refused, now=now())
        instance.renew(database)
    counts = _finish(database, number, now=now())
    if progress:
        progress(counts)
    return counts


def _domains(database: Database, rate: float) -> DomainThrottle:
    """What this process knows of receiving domains outlives one round of sending."""
    return _DOMAINS.setdefault(database, {}).setdefault(rate, DomainThrottle(rate))


def cancel(database: Database, number: int, *, now: datetime, by: str = "") -> Issue:
    """Ends an issue for good: who has not had it yet never will. Raises WrongMove."""
    with database.transaction() as conn:
        issue = life.move(conn, number, Move.CANCEL, now=now, by=by)
        ledger.skip_rest(conn, number, reason="the issue was cancelled", now=now)
        return issue


def _run(
    run: Run,
    database: Database,
    number: int,
    folder: Path,
    *,
    now: Callable[[], datetime],
    progress: Progress | None,
    wait: bool,
    retry: bool,
) -> None:
    """Rounds of sending, until nothing waits any more or somebody ends it."""
    shown = _Shown(database, number, progress)
    while True:
        _give_up_dead(database, number, folder, now=now())
        run.until_idle(shown)
        shown()
        if run.ended or run.had_its_day or not wait:
            return
        with database.reading() as conn:
            due = ledger.next_due(conn, number, deferred=retry)
            if due is None or ledger.status_of(conn, number) not in _MAY_LEAVE:
                return
        run.sleep(min(max((due - now()).total_seconds(), 0.0), _LOOK_SECONDS))


def _give_up_dead(database: Database, number: int, folder: Path, *, now: datetime) -> None:
    """A process of this machine that has ended needs no patience; others have their lease."""
    with database.reading() as conn:
        gone = worker.gone(ledger.workers(conn, number))
    books = {name: in_flight_log.place(folder, name) for name in gone}
    left = {name: in_flight_log.read_states(path) for name, path in books.items()}
    with database.transaction() as conn:
        ledger.give_up(conn, number, left, now=now)
    for path in books.values():
        path.unlink(missing_ok=True)


def _finish(database: Database, number: int, *, now: datetime) -> dict[str, int]:
    with database.transaction() as conn:
        status = ledger.status_of(conn, number, hold=True)
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


def _halt(
    database: Database, settings: Settings, number: int, reason: str, *, now: datetime
) -> None:
    """Pauses the issue and tells the editors why: the mail server refuses the sender.

    A sent issue cannot be paused. What is left of it is tried again an hour later.
    """
    with database.transaction() as conn:
        paused = _pause(conn, number, now=now)
        if paused:
            state, advice = "was paused", f"“emag issue resume {number}” goes on."
        else:
            ledger.postpone(conn, number, until=now + _AGAIN, reason=reason)
            state, advice = "is not sent to the rest now", "emag goes on by itself within the hour."
        notice.notify_editors(
            conn,
            settings=settings,
            key=f"issue-{number}-refused-{now:%Y%m%dT%H%M}",
            subject=f"Issue {number} {state}: the mail server refuses us",
            text=f"Nobody is lost and nobody has it twice. The server's reason:\n\n{reason}\n\n"
            f"Once that is cured, {advice}",
            now=now,
        )


def _pause(conn: Connection, number: int, *, now: datetime) -> bool:
    if ledger.status_of(conn, number, hold=True) is not Status.SENDING:
        return False
    life.move(conn, number, Move.PAUSE, now=now, by=SERVER)
    return True


class _Shown:
    """Counts for a progress bar, now and then."""

    def __init__(self, database: Database, number: int, progress: Progress | None) -> None:
        self._database, self._number, self._progress = database, number, progress
        self._next = 0.0

    def __call__(self) -> None:
        began = monotonic()
        if self._progress is None or began < self._next:
            return
        with self._database.reading() as conn:
            counts = ledger.counts(conn, self._number)
        self._progress(counts)
        self._next = monotonic() + max(0.25, _SHARE * (monotonic() - began))
