"""How much one receiving domain gets; a storm of refusals for now slows that one alone."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from emag.mailing.delivery import Outcome, Receipt

_STORM = 5  # refusals for now in a row
_FIRST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(minutes=30)
_PROBES = 3  # messages that find out whether a domain takes mail again
_ANSWER = timedelta(seconds=10)  # for which the others wait meanwhile
_SOON = timedelta(seconds=1)
_ANSWERS = frozenset({Outcome.ACCEPTED, Outcome.REFUSED})
_KNOWN = 10_000  # domains of which something is remembered: it must not grow with the list
_LOST = timedelta(seconds=60)  # after which an answer to a probe will not come
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Postponement:
    """Why and until when a reader's turn has not come."""

    until: datetime
    reason: str


@dataclass(slots=True)
class _Domain:
    free_at: datetime = _LONG_AGO  # when its next message may leave
    in_a_row: int = 0  # refusals for now
    rests: int = 0  # that came one after the other
    rests_until: datetime | None = None
    probes: int = 0
    probed_at: datetime = _LONG_AGO


class DomainThrottle:
    """`rate` messages a second to each domain, 0 for no limit. Safe in several threads.

    After a storm a domain rests; then a few messages find out how it is, and the others follow.
    """

    def __init__(self, rate: float = 0.0) -> None:
        self._gap = timedelta(seconds=1 / rate) if rate else None
        self._known: dict[str, _Domain] = {}
        self._lock = threading.Lock()

    def check(self, address: str, *, waited: bool, now: datetime) -> Postponement | None:
        """None if a message may leave now. Who `waited` for a turn once has it when it comes."""
        if self._gap is None and not self._known:
            return None
        name = _domain(address)
        with self._lock:
            domain = self._known.get(name)
            if domain and domain.rests_until:
                return _probe(name, domain, domain.rests_until, now)
            return None if self._gap is None or waited else self._turn(name, self._gap, now)

    def record(self, address: str, receipt: Receipt, *, now: datetime) -> None:
        """Learns from what a server said."""
        if receipt.outcome is Outcome.DEFERRED:
            with self._lock:
                _refused(self._of(_domain(address), now), now)
        elif self._known and receipt.outcome in _ANSWERS:
            with self._lock:
                domain = self._known.get(_domain(address))
                if domain and not (domain.rests_until and now < domain.rests_until):
                    domain.in_a_row, domain.rests_until = 0, None
                    domain.rests = max(0, domain.rests - 1)

    def _turn(self, name: str, gap: timedelta, now: datetime) -> Postponement | None:
        domain = self._of(name, now)
        turn = max(now, domain.free_at)
        domain.free_at = turn + gap
        return Postponement(turn, f"waits for its turn at {name}") if turn > now + _SOON else None

    def _of(self, name: str, now: datetime) -> _Domain:
        if name not in self._known and len(self._known) >= _KNOWN:
            self._known = {
                name: domain
                for name, domain in self._known.items()
                if domain.rests_until or domain.free_at > now
            }
        return self._known.setdefault(name, _Domain())


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _probe(name: str, domain: _Domain, rests_until: datetime, now: datetime) -> Postponement | None:
    reason = f"{name} asked for patience"
    if now < rests_until:
        return Postponement(rests_until, reason)
    if domain.probes >= _PROBES and now - domain.probed_at < _LOST:
        return Postponement(now + _ANSWER, reason)
    domain.probes = domain.probes + 1 if now - domain.probed_at < _LOST else 1
    domain.probed_at = now
    return None


def _refused(domain: _Domain, now: datetime) -> None:
    if domain.rests_until and now < domain.rests_until:
        return  # it was on its way already
    domain.in_a_row += 1
    if domain.in_a_row >= _STORM or domain.rests_until:
        domain.rests_until = now + min(_LONGEST_REST, _FIRST_REST * 2**domain.rests)
        domain.rests, domain.probes, domain.in_a_row = min(domain.rests + 1, 10), 0, 0
