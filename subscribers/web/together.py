"""Sign-ups of the same moment, written in one transaction."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from starlette.concurrency import run_in_threadpool

from subscribers import membership
from subscribers.membership import SignupRequest, SignupResult
from subscribers.web.door import Door

MOST = 200  # sign-ups in one transaction: others write, too
# Where many come, those just answered are waited for this long until as many have come again: else
# two crowds take turns, and each commit serves half of them.
MANY, MOMENT = 4, 0.004  # seconds
CROWD = 8  # so many at once hide each other: they are answered by the same commit

log = logging.getLogger("subscribers")


class Together:
    """Each sign-up waits until it is safe on the disk; while one commit runs, the next gather.

    A commit costs the same for one as for fifty, and only one may write at a time anyway.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._waiting: list[tuple[SignupRequest, asyncio.Future[SignupResult]]] = []
        self._task: asyncio.Task[None] | None = None
        self._full = asyncio.Event()
        self.crowd = 0  # how many the last commit answered

    async def even(self, began: float, pace: timedelta, crowd: int = 0) -> None:
        """Waits, so that every answer takes the same time, whatever the state of an address.

        In a `crowd` the commit that all wait for hides what each of them cost.
        """
        if crowd < CROWD:
            left = began + pace.total_seconds() - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, left))

    async def join(self, ask: SignupRequest) -> SignupResult:
        """What came of it, once it lasts. Raises what the database raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[SignupResult] = loop.create_future()
        self._waiting.append((ask, future))
        if len(self._waiting) >= self.crowd:
            self._full.set()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._write_all())
        return await future

    async def _write_all(self) -> None:
        while self._waiting:
            await self._gather()
            some, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            results = await run_in_threadpool(self._write, [ask for ask, _ in some])
            self.crowd = len(some)
            for (_, future), result in zip(some, results, strict=True):
                if future.done():  # whoever waited has gone away
                    continue
                if isinstance(result, SignupResult):
                    future.set_result(result)
                else:
                    future.set_exception(result)

    async def _gather(self) -> None:
        if self.crowd >= MANY and len(self._waiting) < self.crowd:
            self._full.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), MOMENT)

    def _write(self, asks: Sequence[SignupRequest]) -> list[SignupResult | Exception]:
        door = self._door
        try:
            with door.transaction() as conn:
                results = membership.sign_up_all(conn, door.keys, asks, now=door.now())
        except Exception as error:  # noqa: BLE001 - each is told of its own
            if len(asks) == 1:
                return [error]
            # One of them may be what the database does not take: the others must not suffer.
            return [result for ask in asks for result in self._write([ask])]
        if any(result.outcome == "asked" for result in results):
            try:
                door.nudge()
            except Exception as error:  # noqa: BLE001 - what is queued is found without a nudge
                log.warning("The schedule could not be nudged: %s", type(error).__name__)
        return [*results]
