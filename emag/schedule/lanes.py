"""The lanes of the timetable. Both engines run them, each lane beside the others."""

import logging
from collections.abc import Callable
from threading import Event

from emag.logbook import FAULT
from emag.newsroom import Newsroom
from emag.schedule.tick import DESK, POST, RETURNS, SENDING, TickLine, results

LANES = {"desk": DESK, "post": POST, "sending": SENDING, "returns": RETURNS}

log = logging.getLogger("emag.schedule")


class LaneRunner:
    """Runs rounds of a lane and logs what they did. `stop` ends one after its current step."""

    def __init__(self, current: Callable[[], Newsroom]) -> None:
        """`current` gives the newsroom with the newest settings, for each round."""
        self.stop = Event()
        self._current = current
        self._last_lines: dict[str, list[str]] = {}

    def run(self, lane: str) -> None:
        """Runs one round. Never raises. A fault that lasts is logged once."""
        lines: list[str] = []
        for line in results(self._current(), LANES[lane], stop=self.stop):
            if line.text not in self._last_lines.get(lane, []):
                _log(line)
            lines.append(line.text)
        self._last_lines[lane] = lines


def _log(line: TickLine) -> None:
    if line.is_fault:
        log.warning(line.text, extra={FAULT: line.error})
    else:
        log.info(line.text)
