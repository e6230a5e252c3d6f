"""The lanes of the timetable. Both engines run them, each lane beside the others."""

import logging
from collections.abc import Callable
from contextlib import suppress
from threading import Event

from emag.logbook import FAULT
from emag.newsroom import Newsroom
from emag.schedule.line import TickLine
from emag.schedule.tick import DESK, POST, RETURNS, SENDING, results

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
        newsroom, lines, is_well = self._current(), [], True
        with suppress(Exception):  # a clock that cannot be read fails each stage, which says so
            newsroom.condition.look_at_clock(newsroom.now())
        for line in results(newsroom, LANES[lane], stop=self.stop):
            if line.refusal:
                is_well = False
                if newsroom.condition.refused(lane, line.refusal, now=newsroom.now()):
                    _log(line)
            elif line.text not in self._last_lines.get(lane, []):
                _log(line)
            lines.append(line.text)
        self._last_lines[lane] = lines
        if is_well and (over := newsroom.condition.worked(lane)):
            log.info("The database works again. What was wrong: %s", over.words)


def _log(line: TickLine) -> None:
    if line.is_fault:
        log.warning(line.text, extra={FAULT: line.error})
    else:
        log.info(line.text)
