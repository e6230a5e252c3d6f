"""Runs the timetable in this process, with APScheduler as its clock."""

import logging
from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

from emag.newsroom import Newsroom
from emag.schedule.lanes import LANES, LaneRunner


class EmbeddedEngine:
    """Runs every lane in threads of this process.

    APScheduler only starts the rounds. The schedule is in the database's rows, so a lost or
    repeated round does no harm. APScheduler's own cron triggers and stores are not used: with two
    processes they fire twice, and after downtime they lose a run silently.
    """

    def __init__(self, current: Callable[[], Newsroom], *, every: float = 2.0) -> None:
        """`current` gives the newsroom for a round; `every` is the seconds between two rounds."""
        self._runner = LaneRunner(current)
        self._every = every
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Starts every lane. A round of a lane never begins before the last one has ended."""
        if self._scheduler:
            return
        self._runner.stop.clear()
        # Its own logger logs every round; the rounds log what they did.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        scheduler = BackgroundScheduler(timezone="UTC")
        for lane in LANES:
            scheduler.add_job(
                self._runner.run,
                "interval",
                args=(lane,),
                seconds=self._every,
                id=lane,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        scheduler.start()
        self._scheduler = scheduler

    def nudge(self) -> None:
        """Does nothing: every lane has a round within seconds."""

    def wind_down(self) -> None:
        """Ends the rounds under way after their current step."""
        self._runner.stop.set()

    def stop(self) -> None:
        """Ends a send after the messages under way, and waits for it."""
        self._runner.stop.set()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None
