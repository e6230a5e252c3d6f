"""The queue of one issue's deliveries, as the threads of a run use it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection

from emag.mailing.delivery import Outcome, Receipt
from emag.mailing.sending import claims, ledger
from emag.mailing.sending.claims import Claim, HasStories
from emag.mailing.sending.group_commit import GroupCommit, WriteRequest
from emag.mailing.sending.sender import Sender

LEASE = timedelta(minutes=2)

Outcomes = Sequence[tuple[Claim, Receipt]]


class _Request(WriteRequest):
    """What one thread has to record, and how many deliveries it wants next."""

    __slots__ = ("action", "claims", "outcomes", "wanted")

    def __init__(
        self,
        outcomes: Outcomes = (),
        wanted: int = 0,
        action: Callable[[Connection], object] | None = None,
    ) -> None:
        super().__init__()
        self.outcomes, self.wanted, self.action = outcomes, wanted, action
        self.claims: list[Claim] = []


class DeliveryQueue:
    """Records outcomes and claims deliveries for all threads of a worker, in group commits."""

    def __init__(
        self, sender: Sender, number: int, *, worker: str, has_stories: HasStories | None = None
    ) -> None:
        self._sender, self._number, self._worker = sender, number, worker
        self._has_stories = has_stories
        self._warm_up = sender.warm_up()
        self._commits = GroupCommit[_Request](sender.database, self._write)

    @property
    def is_day_used_up(self) -> bool:
        """True once today's limit of a warm-up is reached."""
        return self._warm_up.is_used_up

    @contextmanager
    def writer(self) -> Iterator[None]:
        """Marks the calling thread as one that uses the queue."""
        with self._commits.writer():
            yield

    def exchange(self, outcomes: Outcomes, wanted: int) -> list[Claim]:
        """Records `outcomes`, then claims at most `wanted` deliveries.

        Both are on the disk when it returns.
        """
        return self._commits.submit(_Request(outcomes, wanted)).claims

    def record(self, outcomes: Outcomes) -> None:
        self._commits.submit(_Request(outcomes))

    def execute(self, action: Callable[[Connection], object]) -> None:
        """Runs `action` in the next transaction."""
        self._commits.submit(_Request(action=action))

    def renew_lease(self) -> None:
        """Prolongs the lease of everything that the worker has claimed."""
        until = self._sender.now() + LEASE
        self.execute(lambda conn: ledger.renew_lease(conn, worker=self._worker, until=until))

    def close(self) -> None:
        """Gives back the database connection; the queue may be used again."""
        self._commits.close()

    def _write(self, conn: Connection, requests: Sequence[_Request]) -> None:
        now = self._sender.now()
        for request in requests:
            if request.action:
                request.action(conn)
        self._record(conn, [outcome for r in requests for outcome in r.outcomes], now)
        claimed = self._claim(conn, sum(request.wanted for request in requests), now)
        start = 0
        for request in requests:
            request.claims = claimed[start : start + request.wanted]
            start += request.wanted

    def _record(self, conn: Connection, outcomes: Outcomes, now: datetime) -> None:
        claims.record(conn, outcomes, worker=self._worker, now=now)
        for claim, receipt in outcomes:
            self._sender.throttle.record(claim.reader.address, receipt, now=now)
        unsent = sum(receipt.outcome is Outcome.UNSENT for _, receipt in outcomes)
        self._warm_up.count(conn, -unsent)

    def _claim(self, conn: Connection, wanted: int, now: datetime) -> list[Claim]:
        limit = self._warm_up.grant(conn, wanted)
        if not limit:
            return []
        claimed = claims.claim(
            conn,
            self._number,
            worker=self._worker,
            limit=limit,
            lease=LEASE,
            now=now,
            throttle=self._sender.throttle,
            has_stories=self._has_stories,
        )
        self._warm_up.count(conn, len(claimed))
        return claimed
