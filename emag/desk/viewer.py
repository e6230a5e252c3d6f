"""Looks at issues and remembers what was printed, for pages that ask again and again."""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from emag.database import Database
from emag.desk.look import Inspection, printed, thawed, with_record
from emag.errors import PressError
from emag.issues import approval, store
from emag.issues.issue import Issue
from emag.settings import Settings

REMEMBERED = 16  # documents: an issue being read and an issue being made for each of a few editors

FileState = tuple[str, int, int]  # path, time of change, size
FileStates = tuple[FileState, ...]


@dataclass(frozen=True, slots=True)
class _Printing:
    """What was printed of what, or why it could not be."""

    issue: Issue
    templates: FileStates
    minute: datetime
    inspection: Inspection | None
    error: PressError | None = None


class IssueViewer:
    """`look` as quick as reading the issue. Safe from several threads.

    A document is printed again when the issue, a template or the minute has changed: the pre-flight
    compares with the clock. What other issues and acts say is read each time.
    """

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings
        self._lock = threading.Lock()
        self._printings: OrderedDict[tuple[int, bool], _Printing] = OrderedDict()

    def look(self, which: int | str, *, now: datetime) -> Inspection:
        """The issue with its frozen document where it has one, else as it would be printed now.

        Raises NotFound and PressError.
        """
        issue = self.issue(which)
        return self._look(issue, now, is_frozen=bool(issue.document_hash))

    def look_anew(self, issue: Issue, *, now: datetime) -> Inspection:
        """The issue as it would be printed now, even if another document was approved."""
        return self._look(issue, now, is_frozen=False)

    def issue(self, which: int | str) -> Issue:
        """The issue as it is now. Raises NotFound."""
        with self._database.reading() as conn:
            return store.get(conn, which)

    def _look(self, issue: Issue, now: datetime, *, is_frozen: bool) -> Inspection:
        key = issue.number, is_frozen
        templates = file_states(self._settings.template_folders)
        minute = now.replace(second=0, microsecond=0)
        with self._lock:  # one prints, and the others who want the same wait for it
            printing = self._printings.get(key)
            if printing is None or not _is_of(printing, issue, templates, minute):
                printing = self._print(issue, templates, minute, now, is_frozen=is_frozen)
                self._printings[key] = printing
            self._printings.move_to_end(key)
            while len(self._printings) > REMEMBERED:
                self._printings.popitem(last=False)
        if printing.inspection is None:
            raise printing.error or PressError
        return with_record(self._database, self._settings, printing.inspection)

    def _print(
        self,
        issue: Issue,
        templates: FileStates,
        minute: datetime,
        now: datetime,
        *,
        is_frozen: bool,
    ) -> _Printing:
        make = self._thaw if is_frozen else self._compose
        try:
            return _Printing(issue, templates, minute, make(issue, now))
        except PressError as error:
            return _Printing(issue, templates, minute, None, error)

    def _compose(self, issue: Issue, now: datetime) -> Inspection:
        return printed(self._settings, issue, now=now)

    def _thaw(self, issue: Issue, now: datetime) -> Inspection:
        with self._database.reading() as conn:
            frozen = approval.frozen(conn, issue.number)
        if frozen is None or frozen.hash != issue.document_hash:  # it changed this moment
            return printed(self._settings, issue, now=now)
        return thawed(self._settings, issue, frozen, now=now)


def file_states(folders: Iterable[Path]) -> FileStates:
    """Path, time of change and size of every file in the folders that are there."""
    return tuple(state for folder in folders for state in sorted(_states(str(folder))))


def file_state(path: Path) -> FileState | None:
    """Path, time of change and size of a file; None where it cannot be read."""
    try:
        state = path.stat()
    except OSError:
        return None
    return str(path), state.st_mtime_ns, state.st_size


def _states(folder: str) -> Iterator[FileState]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir():
                    yield from _states(entry.path)
                else:
                    state = entry.stat()
                    yield entry.path, state.st_mtime_ns, state.st_size
    except FileNotFoundError:  # absent, or for a moment, as when an editor saves a file
        return


def _is_of(printing: _Printing, issue: Issue, templates: FileStates, minute: datetime) -> bool:
    same_time = printing.minute == minute
    return same_time and printing.templates == templates and printing.issue == issue
