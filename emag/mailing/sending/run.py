"""One run of a sending: threads that claim, send and record until nothing is due."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy import Connection

from emag.database import Database
from emag.errors import SenderRefused, Unreachable
from emag.mailing.copy.mail_merge import MailMerge
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import in_flight_log, ledger, worker
from emag.mailing.sending.backoff import backoff_seconds
from emag.mailing.sending.claims import Claim
from emag.mailing.sending.domain_throttle import DomainThrottle
from emag.mailing.sending.group_commit import GroupCommit
from emag.mailing.sending.in_flight_log import InFlightLog
from emag.mailing.sending.rate_limit import RateLimit
from emag.mailing.sending.warmup import WarmUp
from emag.mailing.transports import ReportingTransport, Transport

LEASE = timedelta(minutes=2)
_RENEW_SECONDS = 30.0
_TICK = 0.1  # seconds between looks at a thread, a stop or a wait
_FAULTS = 3  # refusals of the sender itself, without a success between, that stop a run
_TRIES = 3  # failures in a row after which an impatient run comes back another time

_Outcomes = list[tuple[Claim, Receipt]]


class Run:
    """`connections` threads on one issue. `refused` says why the sender was stopped, if it was.

    A `patient` run waits for a server that is away; another one ends and comes round again.
    """

    def __init__(
        self,
        database: Database,
        number: int,
        copies: MailMerge,
        transport: Transport,
        *,
        connections: int,
        rate: float,
        now: Callable[[], datetime],
        stop: threading.Event,
        patient: bool,
        domains: DomainThrottle,
        warm_up: WarmUp,
        folder: Path,
    ) -> None:
        self.name = worker.name()
        self.refused = ""
        self._database, self._number = database, number
        self._copies, self._transport = copies, transport
        self._telling = transport if isinstance(transport, ReportingTransport) else None
        self._folder = folder
        self._book: InFlightLog | None = None
        self._connections = connections
        self._allowance = RateLimit(database, rate)
        # With a rate, groups so small that what was claimed leaves within half a second.
        self._share = max(1, int(rate / (2 * connections))) if rate else sys.maxsize
        self._warm_up = warm_up
        self._journal = GroupCommit(
            database,
            number,
            worker=self.name,
            lease=LEASE,
            now=now,
            domains=domains,
            warm_up=warm_up,
            reads=copies.encoded_for,
        )
        self._now, self._stop, self._patient = now, stop, patient
        self._halt = threading.Event()
        self._dry = threading.Event()  # one of the threads found nothing due
        self._lock = threading.Lock()
        self._faults = 0
        self._errors: list[BaseException] = []

    @property
    def ended(self) -> bool:
        """True once this run should not go on: stopped, refused, or given up for now."""
        return self._halt.is_set() or self._stop.is_set()

    @property
    def had_its_day(self) -> bool:
        """True if today's share of a warm-up has left."""
        return self._warm_up.is_spent

    def until_idle(self, progress: Callable[[], None]) -> None:
        """Sends until nothing is due. Raises what stopped one of its threads."""
        threads = [
            threading.Thread(target=self._work, args=(slot,), name=f"deliver-{slot}")
            for slot in range(self._connections)
        ]
        self._dry.clear()
        with self._logged(), closing(self._journal):
            for thread in threads:
                thread.start()
            try:
                self._watch(threads, progress)
            except BaseException:
                self._halt.set()
                raise
            finally:
                for thread in threads:
                    thread.join()
        if self._errors:
            raise self._errors[0]

    @contextmanager
    def _logged(self) -> Iterator[None]:
        """What the threads could not record is what the logbook says, or else doubtful."""
        if self._telling:
            with suppress(OSError):  # where nothing can be written, whole groups are in doubt
                self._book = InFlightLog(
                    in_flight_log.place(self._folder, self.name), self._connections
                )
        try:
            yield
        finally:
            book, self._book = self._book, None
            states = book.states() if book else None
            try:
                with self._database.transaction() as conn:
                    ledger.give_up(conn, self._number, {self.name: states}, now=self._now())
            except BaseException:
                worker.over(self.name)  # the database is away: the next round does it
                raise
            if book:
                book.close()

    def sleep(self, seconds: float, *, unless: threading.Event | None = None) -> None:
        """Waits, unless the run ends meanwhile."""
        until = monotonic() + seconds
        while not self.ended and (left := until - monotonic()) > 0:
            if unless and unless.is_set():
                return
            self._halt.wait(min(_TICK, left))

    def _watch(self, threads: Sequence[threading.Thread], progress: Callable[[], None]) -> None:
        renewed = monotonic()
        while alive := [thread for thread in threads if thread.is_alive()]:
            alive[0].join(_TICK)
            if monotonic() - renewed > _RENEW_SECONDS:
                renewed = monotonic()
                self._journal.also(self._renew)
            progress()

    def _renew(self, conn: Connection) -> None:
        ledger.renew(conn, worker=self.name, until=self._now() + LEASE)

    def _work(self, slot: int) -> None:
        try:
            with self._journal.writer():
                self._rounds(slot)
        except BaseException as error:  # noqa: BLE001 - until_idle raises it in its own thread
            self._errors.append(error)
            self._halt.set()

    def _rounds(self, slot: int) -> None:
        """Recording one group and claiming the next is one transaction."""
        done: _Outcomes = []
        failures = 0
        while claims := self._next(done):
            done = self._send(claims, slot)
            unsent = [r for _, r in done if r.outcome is Outcome.UNSENT]
            failures = failures + 1 if unsent else 0
            if unsent:
                self._record(done)
                done = []
                self._hold(failures, max(r.retry_after for r in unsent))

    def _next(self, done: _Outcomes) -> list[Claim]:
        """Waits for the rate first: what waits is not under way, and in no doubt after a crash."""
        want = 0 if self.ended else min(self._share, self._transport.batch)
        want = min(want, in_flight_log.MOST) if self._book else want
        wait = self._allowance.acquire(want) if want else 0.0
        if wait:
            self._record(done)
            done = []
            self.sleep(wait, unless=self._dry)
            want = 0 if self.ended or self._dry.is_set() else want
        claims = self._journal.turn(done, want)
        if want and not claims:
            self._dry.set()
        return claims

    def _record(self, done: _Outcomes) -> None:
        self._journal.turn(done, 0)

    def _send(self, claims: list[Claim], slot: int) -> _Outcomes:
        try:
            # Whole seconds: a Date has no more, and is written out once for all who share it.
            now = self._now().replace(microsecond=0)
            messages = [self._copies.message(c.delivery, c.reader, now=now) for c in claims]
            if self.ended:
                return _unsent(claims, "")
        except Exception:
            self._record(_unsent(claims, ""))
            raise
        try:
            receipts = self._hand_over(messages, slot)
        except Unreachable as error:
            return _unsent(claims, str(error), error.retry_after)
        except SenderRefused as error:
            self._refuse(str(error))
            return _unsent(claims, str(error))
        self._blame(receipts)
        return list(zip(claims, receipts, strict=True))

    def _hand_over(self, messages: list[Message], slot: int) -> list[Receipt]:
        if not (self._book and self._telling):
            return self._transport.send(messages)
        self._book.begin(slot, [message.delivery for message in messages])
        return self._telling.send_reporting(messages, self._book.recorder(slot))

    def _hold(self, failures: int, asked: float) -> None:
        if not self._patient and failures >= _TRIES:
            self._halt.set()
        self.sleep(backoff_seconds(failures, asked=asked))

    def _blame(self, receipts: Sequence[Receipt]) -> None:
        """The sender is refused, not this reader or that: stop before the list is burned."""
        for receipt in receipts:
            if receipt.outcome is Outcome.ACCEPTED and not self._faults:
                continue  # as a rule
            with self._lock:
                if receipt.outcome is Outcome.ACCEPTED:
                    self._faults = 0
                elif receipt.sender_fault:
                    self._faults += 1
                stopped = self._faults >= _FAULTS
            if stopped:
                self._refuse(receipt.reason)
                return

    def _refuse(self, reason: str) -> None:
        with self._lock:
            self.refused = self.refused or reason
        self._halt.set()


def _unsent(claims: Sequence[Claim], reason: str, retry_after: float = 0.0) -> _Outcomes:
    return [(c, Receipt(Outcome.UNSENT, reason, retry_after=retry_after)) for c in claims]
