"""The doctor's last answer. It asks name servers and the relay, so it works in a thread."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag.doctor import Problem, examine_folder
from emag.logbook import ERRORS, FAULT

_log = logging.getLogger(__name__)

PATIENCE = 8.0  # seconds that a page waits for the answer


@dataclass(frozen=True, slots=True)
class DoctorAnswer:
    """What was wrong at that time."""

    at: datetime
    problems: tuple[Problem, ...]

    @property
    def blocking(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity == "block")


class Examination:
    """Examines the publication, once at a time. Safe from several threads."""

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder, self._now = folder, now
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.answer: DoctorAnswer | None = None
        self.began: datetime | None = None  # of the one that is still under way

    def run(self, *, patience: float = PATIENCE) -> bool:
        """Examines now, and waits for the answer. False if it is still under way after that."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self.began = self._now()
                self._thread = threading.Thread(target=self._examine, name="doctor", daemon=True)
                self._thread.start()
            thread = self._thread
        thread.join(patience)
        return not thread.is_alive()

    def _examine(self) -> None:
        try:
            problems = examine_folder(self._folder, now=self._now)
        except Exception as error:  # noqa: BLE001 - a fault of the doctor is an answer too
            _log.warning("The examination failed", extra={FAULT: error})
            message = f"The examination failed because of a fault in emag: see {ERRORS}"
            problems = [Problem("settings", message)]
        self.answer = DoctorAnswer(self._now(), tuple(problems))
        self.began = None
