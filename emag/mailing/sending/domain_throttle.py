"""The domain throttle: limits what one receiving domain gets, without slowing the others."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emag.mailing.delivery import Outcome, Receipt

_DEFERRALS = 5  # in a row that open the circuit
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(minutes=30)
_MOST_PAUSES = 10  # that are counted: after these the pause is at its longest anyway
_PROBES = 3  # messages that are let through after a pause
_PROBE_WAIT = timedelta(seconds=10)  # for which other messages wait meanwhile
_PROBE_LOST = timedelta(seconds=60)  # after which no answer to a probe is expected
_SOON = timedelta(seconds=1)  # a turn that comes within this time is granted now
_MOST_DOMAINS = 10_000  # that are remembered: the memory must not grow with the list
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Postponement:
    """Until when a message has to wait, and why."""

    until: datetime
    reason: str


@dataclass(slots=True)
class _Circuit:
    """What is remembered of one domain. It is open while `open_until` is set."""

    next_turn_at: datetime = _NEVER
    deferrals: int = 0  # in a row
    pauses: int = 0  # in a row
    open_until: datetime | None = None
    probes: int = 0
    probed_at: datetime = _NEVER

    def postpone(self, domain: str, now: datetime) -> Postponement | None:
        """None for a message that may leave as a probe."""
        reason = f"{domain} asked us to slow down"
        if self.open_until and now < self.open_until:
            return Postponement(self.open_until, reason)
        is_probing = now - self.probed_at < _PROBE_LOST
        if is_probing and self.probes >= _PROBES:
            return Postponement(now + _PROBE_WAIT, reason)
        self.probes = self.probes + 1 if is_probing else 1
        self.probed_at = now
        return None

    def defer(self, now: datetime) -> None:
        if self.open_until and now < self.open_until:
            return  # the message was on its way before the circuit opened
        self.deferrals += 1
        if self.deferrals >= _DEFERRALS or self.open_until:
            self.open_until = now + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self.pauses)
            self.pauses = min(self.pauses + 1, _MOST_PAUSES)
            self.probes = self.deferrals = 0

    def close(self, now: datetime) -> None:
        if not (self.open_until and now < self.open_until):
            self.deferrals, self.open_until = 0, None
            self.pauses = max(0, self.pauses - 1)


class DomainThrottle:
    """Circuit breaker per receiving domain. Safe in several threads.

    Five deferrals in a row open it for a minute; then three probe messages decide. Each time in a
    row it stays open twice as long, up to half an hour. Besides, each domain gets at most `rate`
    messages a second; 0 means no limit.
    """

    def __init__(self, rate: float = 0.0) -> None:
        self._gap = timedelta(seconds=1 / rate) if rate else None
        self._circuits: dict[str, _Circuit] = {}
        self._lock = threading.Lock()

    def check(self, address: str, *, had_turn: bool, now: datetime) -> Postponement | None:
        """None if a message may leave now. One that `had_turn` has waited for its turn already."""
        if self._gap is None and not self._circuits:
            return None
        domain = _domain(address)
        with self._lock:
            circuit = self._circuits.get(domain)
            if circuit and circuit.open_until:
                return circuit.postpone(domain, now)
            if self._gap is None or had_turn:
                return None
            return self._take_turn(domain, self._gap, now)

    def record(self, address: str, receipt: Receipt, *, now: datetime) -> None:
        """Learns from the server's answer to one message."""
        if receipt.outcome is Outcome.DEFERRED:
            with self._lock:
                self._circuit(_domain(address), now).defer(now)
        elif self._circuits and receipt.outcome in {Outcome.ACCEPTED, Outcome.REFUSED}:
            with self._lock:
                if circuit := self._circuits.get(_domain(address)):
                    circuit.close(now)

    def _take_turn(self, domain: str, gap: timedelta, now: datetime) -> Postponement | None:
        circuit = self._circuit(domain, now)
        turn = max(now, circuit.next_turn_at)
        circuit.next_turn_at = turn + gap
        return Postponement(turn, f"waits for its turn at {domain}") if turn > now + _SOON else None

    def _circuit(self, domain: str, now: datetime) -> _Circuit:
        if domain not in self._circuits and len(self._circuits) >= _MOST_DOMAINS:
            self._circuits = {
                name: circuit
                for name, circuit in self._circuits.items()
                if circuit.open_until or circuit.next_turn_at > now
            }
        return self._circuits.setdefault(domain, _Circuit())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
