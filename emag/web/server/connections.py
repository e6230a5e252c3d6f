"""Which connections are open, and which one makes room for a new one."""

import math
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Protocol

GRACE = 10.0  # seconds in which a client may read its answer undisturbed
MOMENT = 1.0  # seconds in which a client may send its request undisturbed, while there is room


class Phase(Enum):
    """What a connection waits for."""

    HEADERS = "the rest of the headers"
    BODY = "the rest of the body"
    DISCARD = "the rest of a body that was refused"  # or the client would not read the answer
    ANSWER = "our answer"
    READER = "the client, who reads the answer slowly"
    NEXT = "the next request"  # uvicorn closes the connection after five seconds


LIMITS = {  # seconds
    Phase.HEADERS: 30.0,
    Phase.BODY: 120.0,
    Phase.DISCARD: 5.0,
    Phase.READER: 120.0,
}
MOST_DISCARDING = 8  # connections: to discard costs as much as to read


class OpenConnection(Protocol):
    """An open connection, as far as the bookkeeping needs it."""

    network: str  # where the peer is
    phase: Phase
    since: float  # when the phase began

    @property
    def is_unfinished(self) -> bool:
        """True while no complete request of it is being answered."""

    def drop(self) -> None:
        """Ends the connection at once."""

    def time_out(self) -> None:
        """Ends the connection because its phase has lasted too long."""


class Connections:
    """At most `limit` open connections.

    When four fifths are open, a new one costs others that are idle or have waited for a moment. The
    rest is for clients whose request is on its way. Only at the limit may one of these be dropped.

    Those go that have waited longest, from the network that has the most. So a crowd of unfinished
    requests from one place costs no visitor from another.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._crowded = limit * 4 // 5
        self._open: dict[OpenConnection, None] = {}  # in the order in which they came

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: OpenConnection, now: float) -> None:
        """Takes a new connection, and drops others where there are too many, or else this one."""
        self._open[connection] = None
        if len(self._open) > self._crowded:
            self._drop(self._waiting(connection, now - MOMENT), 1.0)
        if len(self._open) > self.limit:
            self._drop(self._victims(connection, now), 0.25)

    def _drop(self, victims: list[OpenConnection], share: float) -> None:
        """Drops the first of them: several at once, because to choose them costs time."""
        most = max(1, min(self.limit // 20, int(len(victims) * share)))
        for victim in victims[:most]:
            self.remove(victim)
            victim.drop()

    def remove(self, connection: OpenConnection) -> None:
        self._open.pop(connection, None)

    def may_discard(self) -> bool:
        """Whether one more connection may discard a body; otherwise it must be closed."""
        return sum(one.phase is Phase.DISCARD for one in self._open) < MOST_DISCARDING

    def time_out(self, now: float) -> None:
        """Ends every connection whose phase has lasted too long."""
        for connection in [*self._overdue(now)]:
            self.remove(connection)
            connection.time_out()

    def _overdue(self, now: float) -> Iterator[OpenConnection]:
        for connection in self._open:
            is_waiting = connection.is_unfinished or connection.phase is Phase.READER
            if is_waiting and now - connection.since > LIMITS.get(connection.phase, math.inf):
                yield connection

    def has_room(self, now: float, *, coming: int) -> bool:
        """Whether one more, after those `coming`, costs nobody whose request is on its way.

        Where a quarter only waits, the longest waiting are hardly about to send their request.
        """
        room = self.limit - len(self._open) - coming
        if room > 0:
            return True
        unfinished = [one for one in self._open if one.is_unfinished]
        room += len(_ripe(unfinished, now - MOMENT)) + len(self._slow(now))
        return room > 0 or len(unfinished) >= self.limit // 4

    def _victims(self, newcomer: OpenConnection, now: float) -> list[OpenConnection]:
        return self._waiting(newcomer, now) or self._slow(now) or [newcomer]

    def _slow(self, now: float) -> list[OpenConnection]:
        return [one for one in self._open if one.phase is Phase.READER and now - one.since > GRACE]

    def _waiting(self, newcomer: OpenConnection, since: float) -> list[OpenConnection]:
        """The unfinished ones that are idle or have waited since then, the longest first."""
        others = [one for one in self._open if one is not newcomer and one.is_unfinished]
        return _of_largest_network(_ripe(others, since))


def _ripe(unfinished: list[OpenConnection], since: float) -> list[OpenConnection]:
    """Those that are idle or have waited since then."""
    return [one for one in unfinished if one.phase is Phase.NEXT or one.since <= since]


def _of_largest_network(connections: Iterable[OpenConnection]) -> list[OpenConnection]:
    """Those of the network that has the most, who has waited longest first."""
    networks: dict[str, list[OpenConnection]] = {}
    for connection in connections:
        networks.setdefault(connection.network, []).append(connection)
    largest: list[OpenConnection] = max(networks.values(), key=len, default=[])
    return sorted(largest, key=lambda one: one.since)
