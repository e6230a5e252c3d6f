"""Which connections are open, and which one makes room for a new one."""

import math
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Protocol

GRACE = 10.0  # seconds in which a client may read its answer undisturbed


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

    A new one above the limit costs unfinished ones: the oldest from the network that has the most.
    So a crowd of unfinished requests from one place costs no visitor from another.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._open: dict[OpenConnection, None] = {}  # in the order in which they came

    def __len__(self) -> int:
        return len(self._open)

    def add(self, connection: OpenConnection, now: float) -> None:
        """Takes a new connection. Above the limit it drops others, or else this one.

        It drops several at once, because to choose them costs time.
        """
        self._open[connection] = None
        if len(self._open) > self.limit:
            for victim in self._victims(connection, now)[: max(1, self.limit // 20)]:
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

    def _victims(self, newcomer: OpenConnection, now: float) -> list[OpenConnection]:
        others = [one for one in self._open if one is not newcomer]
        unfinished = _of_largest_network(one for one in others if one.is_unfinished)
        slow = [one for one in others if one.phase is Phase.READER and now - one.since > GRACE]
        return unfinished or slow or [newcomer]


def _of_largest_network(connections: Iterable[OpenConnection]) -> list[OpenConnection]:
    """Those of the network that has the most, in their order."""
    networks: dict[str, list[OpenConnection]] = {}
    for connection in connections:
        networks.setdefault(connection.network, []).append(connection)
    return max(networks.values(), key=len, default=[])
