"""Imports that run in the background: how far each is, while this process lives."""

import shutil
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from subscribers.errors import ImportRunning, UnknownTask
from subscribers.exchange import ImportResult

FORGOTTEN_AFTER = timedelta(hours=2)


class ImportStage(StrEnum):
    """How far an import is."""

    CHECKING = "checking"
    CHECKED = "checked"  # nothing is imported yet
    IMPORTING = "importing"
    IMPORTED = "imported"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


RUNNING = frozenset({ImportStage.CHECKING, ImportStage.IMPORTING, ImportStage.UNDOING})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTask:
    """One import, or the undoing of one, as it is now.

    `rows` of about `total` are read. `checked` is what the check says, `result` what was imported.
    """

    key: str
    by: str
    at: datetime
    stage: ImportStage
    file: Path | None = None
    basis: str = ""
    format: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    total: int = 0
    checked: ImportResult | None = None
    result: ImportResult | None = None
    number: int | None = None
    error: str = ""

    @property
    def is_running(self) -> bool:
        return self.stage in RUNNING


class ImportTasks:
    """Every import of this process, by its key. Safe from several threads."""

    def __init__(self) -> None:
        self._tasks: dict[str, ImportTask] = {}
        self._lock = threading.Lock()

    def begin(self, task: ImportTask) -> None:
        """Adds or replaces a task that is to run. Raises ImportRunning while another runs."""
        with self._lock:
            self._forget_old(task.at)
            if any(other.is_running for other in self._tasks.values()):
                raise ImportRunning
            self._tasks[task.key] = task

    def get(self, key: str) -> ImportTask:
        """Raises UnknownTask."""
        with self._lock:
            return self._get(key)

    def _get(self, key: str) -> ImportTask:
        try:
            return self._tasks[key]
        except KeyError:
            raise UnknownTask from None

    def move(self, task: ImportTask) -> None:
        """Puts a task that runs, or ran, into another stage."""
        with self._lock:
            self._tasks[task.key] = task

    def advance(self, key: str, rows: int, total: int) -> None:
        """Notes how many rows are read."""
        with self._lock:
            self._tasks[key] = replace(self._get(key), rows=rows, total=total)

    def undoing(self, number: int) -> ImportTask | None:
        """The undoing of an import that runs, or failed."""
        with self._lock:
            tasks = [task for task in self._tasks.values() if task.number == number]
        stages = {ImportStage.UNDOING, ImportStage.FAILED}
        return next((task for task in tasks if task.stage in stages), None)

    def remove(self, key: str) -> None:
        """Forgets a task and its file. Raises UnknownTask, and ImportRunning while it runs."""
        with self._lock:
            if self._get(key).is_running:
                raise ImportRunning
            _delete_file(self._tasks.pop(key))

    def _forget_old(self, now: datetime) -> None:
        for key, task in [*self._tasks.items()]:
            if not task.is_running and now - task.at > FORGOTTEN_AFTER:
                _delete_file(self._tasks.pop(key))


def _delete_file(task: ImportTask) -> None:
    """Deletes the file with its folder, which holds nothing else."""
    if task.file is not None:
        shutil.rmtree(task.file.parent, ignore_errors=True)
