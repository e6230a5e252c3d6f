"""Writes the sign-ups of one moment in one transaction (group commit)."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from starlette.concurrency import run_in_threadpool

from subscribers import self_service
from subscribers.membership import SignupRequest, SignupResult
from subscribers.web.site import Site

MAX_BATCH = 200  # sign-ups in one transaction, so that other writers get their turn
# After a batch of at least BUSY sign-ups the next one waits up to GATHER seconds, until as many
# have come again. Otherwise two groups of clients would alternate, with half a batch each.
BUSY, GATHER = 4, 0.004
# Sign-ups of a batch of this size are answered together: no single answer's time means anything.
CROWD = 8

log = logging.getLogger("subscribers")


class SignUpBatches:
    """Group commit: while one batch is written, the next sign-ups gather.

    Each waits until it is safe on the disk. A commit costs as much for one as for fifty, and only
    one writer can commit at a time.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._waiting: list[tuple[SignupRequest, asyncio.Future[SignupResult]]] = []
        self._task: asyncio.Task[None] | None = None
        self._full = asyncio.Event()
        self.last_size = 0  # sign-ups in the last batch

    async def pad(self, began: float, pace: timedelta, batch_size: int = 0) -> None:
        """Waits until `pace` has passed since `began`, so that all answers take the same time.

        A large batch needs no wait: all of its answers come with the same commit.
        """
        if batch_size < CROWD:
            remaining = began + pace.total_seconds() - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, remaining))

    async def join(self, ask: SignupRequest) -> SignupResult:
        """Writes the sign-up with others of this moment. Raises what the database raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[SignupResult] = loop.create_future()
        self._waiting.append((ask, future))
        if len(self._waiting) >= self.last_size:
            self._full.set()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write_all())
        return await future

    async def _write_all(self) -> None:
        while self._waiting:
            await self._gather()
            batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
            results = await run_in_threadpool(self._write, [ask for ask, _ in batch])
            self.last_size = len(batch)
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():  # the client has disconnected
                    continue
                if isinstance(result, SignupResult):
                    future.set_result(result)
                else:
                    future.set_exception(result)

    async def _gather(self) -> None:
        if self.last_size >= BUSY and len(self._waiting) < self.last_size:
            self._full.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), GATHER)

    def _write(self, asks: Sequence[SignupRequest]) -> list[SignupResult | Exception]:
        site = self._site
        results = self_service.sign_up_all(site.storage, site.keys, asks, now=site.now())
        if any(
            isinstance(result, SignupResult) and result.outcome == "asked" for result in results
        ):
            try:
                site.nudge()
            except Exception as error:  # noqa: BLE001 - the schedule finds the letters without it
                log.warning("The schedule could not be nudged: %s", type(error).__name__)
        return results
