"""The preview of an issue: printed again whenever a template, a setting or a pick changes."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from emag.checks import Fault
from emag.checks.rules import size
from emag.database import Database
from emag.desk import look
from emag.desk.appearance import for_choice, with_sample_reader
from emag.desk.look import Inspection
from emag.errors import EmagError, SettingsError
from emag.issues import store
from emag.issues.issue import Issue
from emag.press.document import Document
from emag.settings import Settings

LIMIT = size.LIMIT  # bytes of HTML at which mail programs clip


class Previewable(Protocol):
    """What a preview needs of the newsroom."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def now(self) -> Callable[[], datetime]: ...


@dataclass(frozen=True, slots=True)
class View:
    """The issue at one moment, or the sentence that says why it cannot be shown.

    `stamp` differs whenever there is something else to see.
    """

    stamp: str
    issue: Issue | None = None
    inspection: Inspection | None = None
    document: Document | None = None  # for a sample reader of all topics
    error: str = ""

    @property
    def printed(self) -> Document | None:
        """The document with the marks of its topics."""
        return self.inspection.document if self.inspection else None

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.inspection.faults if self.inspection else ()

    @property
    def approved(self) -> bool | None:
        """True if this is the document that was approved; None if none was."""
        if self.issue is None or self.inspection is None or not self.issue.document_hash:
            return None
        return self.inspection.hash == self.issue.document_hash


class Preview:
    """Watches an issue, and prints it again when something changed. Faults do not end it.

    `open_publication` is called again whenever the settings change.
    """

    def __init__(self, open_publication: Callable[[], Previewable], which: int | str) -> None:
        self._open, self._which = open_publication, which
        self._lock = threading.Lock()
        self._publication = open_publication()
        self._settings_stamp = self._stamp_of_settings()
        self._settings_error = ""
        self._view = View(stamp="")
        self.over = False

    @property
    def settings(self) -> Settings:
        return self._publication.settings

    def stop(self) -> None:
        """Ends the requests that wait for a change, so that the server can end."""
        self.over = True

    def close(self) -> None:
        self.stop()
        self._publication.database.close()

    def look(self) -> View:
        """The issue as it is now."""
        with self._lock:
            self._reload_settings()
            issue, error = self._issue()
            stamp = self._stamp(issue, error)
            if stamp != self._view.stamp:
                self._view = self._print(stamp, issue, error)
            return self._view

    def for_topics(self, view: View, topics: Collection[str] | None) -> Document | None:
        """The document that a reader of these topics gets; None if they get no mail."""
        if not topics:
            return view.document
        printed = self._chosen(view, topics)
        if view.inspection is None or printed is None:
            return None
        return self._for_sample_reader(printed, view.inspection)

    def html_bytes(self, view: View, topics: Collection[str] | None) -> int:
        """Size of the HTML part that a reader of these topics gets, as the rule “size” counts."""
        printed = self._chosen(view, topics)
        return size.html_bytes(printed, self.settings.base_url) if printed else 0

    def _chosen(self, view: View, topics: Collection[str] | None) -> Document | None:
        if view.printed is None or not topics:
            return view.printed
        return for_choice(view.printed, topics, self.settings)

    def _reload_settings(self) -> None:
        stamp = self._stamp_of_settings()
        if stamp == self._settings_stamp:
            return
        self._settings_stamp = stamp
        try:
            publication = self._open()
        except (EmagError, SettingsError) as error:
            self._settings_error = str(error)
            return
        self._publication.database.close()
        self._publication, self._settings_error = publication, ""

    def _issue(self) -> tuple[Issue | None, str]:
        if self._settings_error:
            return None, self._settings_error
        try:
            with self._publication.database.reading() as conn:
                return store.get(conn, self._which), ""
        except EmagError as error:
            return None, str(error)

    def _print(self, stamp: str, issue: Issue | None, error: str) -> View:
        if issue is None:
            return View(stamp, error=error)
        database, now = self._publication.database, self._publication.now()
        try:
            inspection = look.look_anew(database, self.settings, issue, now=now)
        except EmagError as failure:
            return View(stamp, issue, error=str(failure))
        document = self._for_sample_reader(inspection.document, inspection)
        return View(stamp, issue, inspection, document)

    def _for_sample_reader(self, printed: Document, inspection: Inspection) -> Document:
        base_url, edition = self.settings.base_url, inspection.edition
        return with_sample_reader(printed, base_url=base_url, edition=edition)

    def _stamp_of_settings(self) -> str:
        folder = self._publication.settings.folder
        return _stamp(_file_states([folder / "emag.toml", folder / ".env"]))

    def _stamp(self, issue: Issue | None, error: str) -> str:
        folders = self._publication.settings.template_folders
        files = _file_states(file for folder in folders for file in sorted(folder.rglob("*")))
        claimed = look.claimed_elsewhere(self._publication.database, issue) if issue else []
        return _stamp([self._settings_stamp, *files, repr(issue), repr(claimed), error])


def _file_states(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        try:
            state = file.stat()
        except OSError:  # absent for a moment, as when an editor saves it
            continue
        yield f"{file} {state.st_mtime_ns} {state.st_size}"


def _stamp(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
