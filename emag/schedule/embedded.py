"""APScheduler with its memory store, as a tick: the rows are the schedule."""

import logging

from apscheduler.schedulers.background import BackgroundScheduler

from emag.newsroom import Newsroom
from emag.schedule.rounds import LANES, Rounds


class EmbeddedEngine:
    """Runs the timetable in threads of this process.

    APScheduler only comes round; nothing lives in its store, so a lost or repeated round does no
    harm. Its own cron triggers and stores were refused: with two processes they fire twice, and
    after downtime they lose a run without a word.
    """

    def __init__(self, newsroom: Newsroom, *, every: float = 2.0) -> None:
        """`every` is the time between two rounds, in seconds."""
        self._rounds = Rounds(newsroom)
        self._every = every
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Every lane comes round by itself; a round never overtakes the last."""
        if self._scheduler:
            return
        self._rounds.stop.clear()
        # Its own logger tells of every round; what a round did is told by the round.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        scheduler = BackgroundScheduler(timezone="UTC")
        for lane in LANES:
            scheduler.add_job(
                self._rounds.go,
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
        """Nothing to do: every lane comes round within seconds."""

    def stop(self) -> None:
        """Asks a send to end after the messages under way, and waits for it."""
        self._rounds.stop.set()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None
