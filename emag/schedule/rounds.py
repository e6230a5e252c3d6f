"""A lane's round, told in the log: what both engines run."""

import logging
from threading import Event

from emag.newsroom import Newsroom
from emag.schedule.tick import DESK, POST, RETURNS, SENDING, tick

LANES = {"desk": DESK, "post": POST, "sending": SENDING, "returns": RETURNS}

log = logging.getLogger("emag.schedule")


class Rounds:
    """`stop` asks a round to end after what is under way."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.stop = Event()
        self._newsroom = newsroom
        self._said: dict[str, list[str]] = {}

    def go(self, lane: str) -> None:
        """One round. Never raises; a trouble that lasts is told once."""
        said = tick(self._newsroom, stages=LANES[lane], stop=self.stop)
        for line in said:
            if line not in self._said.get(lane, []):
                log.info(line)
        self._said[lane] = said
