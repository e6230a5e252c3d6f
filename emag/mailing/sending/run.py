"""One run of a sending: threads that claim, send and record until nothing is due."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from time import monotonic

from emag.errors import SenderRefused, Unreachable
from emag.mailing.copy.mail_merge import MailMerge
from emag.mailing.copy.message import Message
from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import in_flight_log, ledger, worker
from emag.mailing.sending.backoff import backoff_seconds
from emag.mailing.sending.claims import Claim
from emag.mailing.sending.delivery_queue import DeliveryQueue
from emag.mailing.sending.in_flight_log import InFlightLog
from emag.mailing.sending.sender import Sender
from emag.mailing.transports import ReportingTransport

_RENEW_SECONDS = 30.0
_TICK = 0.1  # seconds between checks of a thread, a stop or a wait
_FAULTS = 3  # refusals of the sender itself, without a success between, that stop a run
_TRIES = 3  # failures in a row after which an impatient run ends

log = logging.getLogger("emag.sending")

_Outcomes = list[tuple[Claim, Receipt]]


class SendRun:
    """Sends one issue over `terms.connections` threads.

    `refused` holds the server's reason if it refused us. A `patient` run waits for a server that
    cannot be reached; another one ends, and the schedule starts a new one later. `stop` ends the
    run after the messages that are in flight.
    """

    def __init__(
        self,
        sender: Sender,
        number: int,
        merge: MailMerge,
        *,
        stop: threading.Event,
        patient: bool,
    ) -> None:
        self.name = worker.new_name()
        self.refused = ""
        self._away = ""  # why the server cannot be reached, since it last answered
        self._sender, self._number, self._merge = sender, number, merge
        self._stop, self._patient = stop, patient
        transport, terms = sender.transport, sender.terms
        self._reporting = transport if isinstance(transport, ReportingTransport) else None
        self._log: InFlightLog | None = None
        # With a rate, groups so small that what was claimed leaves within half a second.
        per_thread = terms.rate / (2 * terms.connections)
        self._largest_group = max(1, int(per_thread)) if terms.rate else sys.maxsize
        self._queue = DeliveryQueue(sender, number, worker=self.name, has_stories=merge.encoded_for)
        self._halt = threading.Event()
        self._nothing_due = threading.Event()
        self._lock = threading.Lock()
        self._faults = 0
        self._errors: list[BaseException] = []

    @property
    def has_ended(self) -> bool:
        """True once the run must not go on: it was stopped or refused, or it gave up."""
        return self._halt.is_set() or self._stop.is_set()

    @property
    def is_day_used_up(self) -> bool:
        """True once today's limit of a warm-up is reached."""
        return self._queue.is_day_used_up

    def until_idle(self, progress: Callable[[], None]) -> None:
        """Sends until nothing is due. Raises what stopped one of its threads."""
        threads = [
            threading.Thread(target=self._work, args=(slot,), name=f"deliver-{slot}")
            for slot in range(self._sender.terms.connections)
        ]
        self._nothing_due.clear()
        with self._logged(), closing(self._queue):
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
        """Keeps a log of messages in flight, and settles by it what the threads did not record."""
        if self._reporting:
            # Where no file can be written, whole groups are in doubt after a crash.
            with suppress(OSError):
                path = in_flight_log.path_for(self._sender.terms.folder, self.name)
                self._log = InFlightLog(path, self._sender.terms.connections)
        try:
            yield
        finally:
            log, self._log = self._log, None
            self._settle(log)
            if log:
                log.close()

    def _settle(self, log: InFlightLog | None) -> None:
        logs = {self.name: log.read() if log else None}
        try:
            with self._sender.database.transaction() as conn:
                ledger.settle_dead(conn, self._number, logs, now=self._sender.now())
        except BaseException:
            # The database cannot be reached: the next run settles it.
            self._sender.abandoned.add(self.name)
            raise

    def sleep(self, seconds: float, *, unless: threading.Event | None = None) -> None:
        """Waits, unless the run ends or the event comes meanwhile."""
        until = monotonic() + seconds
        while not self.has_ended and (left := until - monotonic()) > 0:
            if unless and unless.is_set():
                return
            self._halt.wait(min(_TICK, left))

    def _watch(self, threads: Sequence[threading.Thread], progress: Callable[[], None]) -> None:
        renewed_at = monotonic()
        while alive := [thread for thread in threads if thread.is_alive()]:
            alive[0].join(_TICK)
            if monotonic() - renewed_at > _RENEW_SECONDS:
                renewed_at = monotonic()
                self._queue.renew_lease()
            progress()

    def _work(self, slot: int) -> None:
        try:
            with self._queue.writer():
                self._send_groups(slot)
        except BaseException as error:  # noqa: BLE001 - until_idle raises it in its own thread
            self._errors.append(error)
            self._halt.set()

    def _send_groups(self, slot: int) -> None:
        """Recording one group and claiming the next is one transaction."""
        outcomes: _Outcomes = []
        failures = 0
        while claims := self._next_group(outcomes):
            outcomes = self._send(claims, slot)
            unsent = [r for _, r in outcomes if r.outcome is Outcome.UNSENT]
            self._log_change(unsent)
            failures = failures + 1 if unsent else 0
            if unsent:
                self._queue.record(outcomes)
                outcomes = []
                self._back_off(failures, max(r.retry_after for r in unsent))

    def _log_change(self, unsent: Sequence[Receipt]) -> None:
        """Logs once that the server cannot be reached, in whatever run, and once that it can."""
        outages, number = self._sender.outages, self._number
        if not unsent and number not in outages:
            return  # the usual case, without the lock
        with self._lock:
            reason = unsent[0].reason if unsent else ""
            if reason and outages.get(number) != reason:
                outages[number] = reason
                log.warning("Issue %s waits: %s", number, reason)
            elif not unsent and outages.pop(number, ""):
                log.info("Issue %s goes on: the mail server answers again", number)

    def _next_group(self, outcomes: _Outcomes) -> list[Claim]:
        """Records the outcomes of the last group and claims the next one.

        It waits for the rate limit before it claims: what waits is not in flight, and so not in
        doubt after a crash.
        """
        wanted = self._group_size()
        wait = self._sender.rate_limit.acquire(wanted) if wanted else 0.0
        if wait:
            self._queue.record(outcomes)
            outcomes = []
            self.sleep(wait, unless=self._nothing_due)
            wanted = 0 if self.has_ended or self._nothing_due.is_set() else wanted
        claims = self._queue.exchange(outcomes, wanted)
        if wanted and not claims:
            self._nothing_due.set()
        return claims

    def _group_size(self) -> int:
        if self.has_ended:
            return 0
        size = min(self._largest_group, self._sender.transport.batch)
        return min(size, in_flight_log.LARGEST_GROUP) if self._log else size

    def _send(self, claims: list[Claim], slot: int) -> _Outcomes:
        try:
            # Whole seconds: a Date has no more, and is formatted once for all that share it.
            now = self._sender.now().replace(microsecond=0)
            messages = [self._merge.message(c.delivery, c.reader, now=now) for c in claims]
            if self.has_ended:
                return _unsent(claims, self._away)
        except Exception:
            self._queue.record(_unsent(claims, ""))
            raise
        try:
            receipts = self._hand_over(messages, slot)
        except Unreachable as error:
            self._away = str(error)
            return _unsent(claims, self._away, error.retry_after)
        except SenderRefused as error:
            self._refuse(str(error))
            return _unsent(claims, str(error))
        self._away = ""
        self._count_faults(receipts)
        return list(zip(claims, receipts, strict=True))

    def _hand_over(self, messages: list[Message], slot: int) -> list[Receipt]:
        if not (self._log and self._reporting):
            return self._sender.transport.send(messages)
        self._log.begin(slot, [message.delivery for message in messages])
        return self._reporting.send_reporting(messages, self._log.recorder(slot))

    def _back_off(self, failures: int, retry_after: float) -> None:
        if not self._patient and failures >= _TRIES:
            self._halt.set()
        self.sleep(backoff_seconds(failures, retry_after=retry_after))

    def _count_faults(self, receipts: Sequence[Receipt]) -> None:
        """Ends the run if the server refuses us, not single readers: else it would cost them."""
        for receipt in receipts:
            if receipt.outcome is Outcome.ACCEPTED and not self._faults:
                continue  # the usual case, without the lock
            with self._lock:
                if receipt.outcome is Outcome.ACCEPTED:
                    self._faults = 0
                elif receipt.sender_fault:
                    self._faults += 1
                must_stop = self._faults >= _FAULTS
            if must_stop:
                self._refuse(receipt.reason)
                return

    def _refuse(self, reason: str) -> None:
        with self._lock:
            self.refused = self.refused or reason
        self._halt.set()


def _unsent(claims: Sequence[Claim], reason: str, retry_after: float = 0.0) -> _Outcomes:
    return [(c, Receipt(Outcome.UNSENT, reason, retry_after=retry_after)) for c in claims]
