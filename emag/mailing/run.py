"""One run of a sending: threads that claim, send and record until nothing is due."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import monotonic

from emag.database import Database
from emag.errors import SenderRefused, Unreachable
from emag.mailing import ledger, worker
from emag.mailing.copies import Copies
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.ledger import Claim
from emag.mailing.pace import Pace, patience
from emag.mailing.transports import Transport

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
        copies: Copies,
        transport: Transport,
        *,
        connections: int,
        rate: float,
        now: Callable[[], datetime],
        stop: threading.Event,
        patient: bool,
    ) -> None:
        self.name = worker.name()
        self.refused = ""
        self._database, self._number = database, number
        self._copies, self._transport = copies, transport
        self._connections = connections
        self._pace = Pace(rate)
        # With a rate, groups so small that what was claimed leaves within half a second.
        share = max(1, int(rate / (2 * connections)))
        self._limit = min(transport.batch, share) if rate else transport.batch
        self._now, self._stop, self._patient = now, stop, patient
        self._halt = threading.Event()
        self._lock = threading.Lock()
        # Our own threads take turns here: SQLite's waiting writers sleep, and oversleep.
        self._turn = threading.Lock()
        self._faults = 0
        self._errors: list[BaseException] = []

    @property
    def ended(self) -> bool:
        """True once this run should not go on: stopped, refused, or given up for now."""
        return self._halt.is_set() or self._stop.is_set()

    def until_idle(self, progress: Callable[[], None]) -> None:
        """Sends until nothing is due. What its threads could not record becomes doubtful."""
        threads = [
            threading.Thread(target=self._work, name=f"deliver-{n}")
            for n in range(self._connections)
        ]
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
            with self._database.transaction() as conn:
                ledger.expire(conn, self._number, gone=[self.name], now=self._now())
        if self._errors:
            raise self._errors[0]

    def sleep(self, seconds: float) -> None:
        """Waits, unless the run ends meanwhile."""
        until = monotonic() + seconds
        while not self.ended and (left := until - monotonic()) > 0:
            self._halt.wait(min(_TICK, left))

    def _watch(self, threads: Sequence[threading.Thread], progress: Callable[[], None]) -> None:
        renewed = monotonic()
        while alive := [thread for thread in threads if thread.is_alive()]:
            alive[0].join(_TICK)
            if monotonic() - renewed > _RENEW_SECONDS:
                renewed = monotonic()
                with self._turn, self._database.transaction() as conn:
                    ledger.renew(conn, worker=self.name, until=self._now() + LEASE)
            progress()

    def _work(self) -> None:
        """Recording one group and claiming the next is one transaction."""
        done: _Outcomes = []
        failures = 0
        try:
            while claims := self._next(done):
                done = self._send(claims)
                unsent = [r for _, r in done if r.outcome is Outcome.UNSENT]
                failures = failures + 1 if unsent else 0
                if unsent:
                    self._record(done)
                    done = []
                    self._hold(failures, max(r.retry_after for r in unsent))
        except BaseException as error:  # noqa: BLE001 - until_idle raises it in its own thread
            self._errors.append(error)
            self._halt.set()

    def _next(self, done: _Outcomes) -> list[Claim]:
        with self._turn, self._database.transaction() as conn:
            now = self._now()
            ledger.record(conn, done, worker=self.name, now=now)
            if self.ended:
                return []
            return ledger.claim(
                conn, self._number, worker=self.name, limit=self._limit, lease=LEASE, now=now
            )

    def _record(self, done: _Outcomes) -> None:
        with self._turn, self._database.transaction() as conn:
            ledger.record(conn, done, worker=self.name, now=self._now())

    def _send(self, claims: list[Claim]) -> _Outcomes:
        if wait := self._pace.reserve(len(claims)):
            self.sleep(wait)
        try:
            now = self._now()
            messages = [self._copies.message(c.delivery, c.reader, now=now) for c in claims]
            if self.ended:
                return _unsent(claims, "")
        except Exception:
            self._record(_unsent(claims, ""))
            raise
        try:
            receipts = self._transport.send(messages)
        except Unreachable as error:
            return _unsent(claims, str(error), error.retry_after)
        except SenderRefused as error:
            self._refuse(str(error))
            return _unsent(claims, str(error))
        self._blame(receipts)
        return list(zip(claims, receipts, strict=True))

    def _hold(self, failures: int, asked: float) -> None:
        if not self._patient and failures >= _TRIES:
            self._halt.set()
        self.sleep(patience(failures, asked=asked))

    def _blame(self, receipts: Sequence[Receipt]) -> None:
        """The sender is refused, not this reader or that: stop before the list is burned."""
        for receipt in receipts:
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
