"""APScheduler with its memory store, as a tick: the rows are the schedule."""

import logging
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from emag.newsroom import Newsroom
from emag.schedule.tick import DESK, POST, SENDING, Stage, tick

log = logging.getLogger("emag.schedule")

LANES = {"desk": DESK, "post": POST, "sending": SENDING}


class EmbeddedEngine:
    """Runs the timetable in threads of this process.

    APScheduler only comes round; nothing lives in its store, so a lost or repeated round does no
    harm. Its own cron triggers and stores were refused: with two processes they fire twice, and
    after downtime they lose a run without a word.
    """

    def __init__(self, newsroom: Newsroom, *, every: float = 2.0) -> None:
        """`every` is the time between two rounds, in seconds."""
        self._newsroom = newsroom
        self._every = every
        self._stop = Event()
        self._said: dict[str, list[str]] = {}
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Every lane comes round by itself; a round never overtakes the last."""
        if self._scheduler:
            return
        self._stop.clear()
        # Its own logger tells of every round; what a round did is told here.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        scheduler = BackgroundScheduler(timezone="UTC")
        for lane, stages in LANES.items():
            scheduler.add_job(
                self._round,
                "interval",
                args=(lane, stages),
                seconds=self._every,
                id=lane,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        scheduler.start()
        self._scheduler = scheduler

    def stop(self) -> None:
        """Asks a send to end after the messages under way, and waits for it."""
        self._stop.set()
        if self._scheduler:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def _round(self, lane: str, stages: tuple[Stage, ...]) -> None:
        said = tick(self._newsroom, stages=stages, stop=self._stop)
        for line in said:
            if line not in self._said.get(lane, []):  # a trouble that lasts is told once
                log.info(line)
        self._said[lane] = said
