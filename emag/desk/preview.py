"""The preview of an issue: printed again whenever a template, a setting or a pick changes."""

import hashlib
import threading
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from emag.checks import Fault
from emag.checks.outside import Outside
from emag.checks.rules import size
from emag.content.pictures import fetching
from emag.content.pictures.picture import PictureFile
from emag.database import Database
from emag.desk import outside
from emag.desk.appearance import as_shown, for_choice
from emag.desk.look import Inspection
from emag.desk.viewer import FileState, IssueViewer, file_state
from emag.errors import EmagError, SettingsError
from emag.issues.issue import Issue
from emag.press.document import Document
from emag.settings import Settings, themes

LIMIT = size.LIMIT  # bytes of HTML at which mail programs clip


class Previewable(Protocol):
    """What a preview needs of the newsroom."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def now(self) -> Callable[[], datetime]: ...
    @property
    def outside(self) -> Outside | None: ...


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
        self._viewer = self._new_viewer()
        self._settings_states = self._states_of_settings()
        self._settings_error = ""
        self._view = View(stamp="")
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="preview asks")
        self.over = False

    def picture(self, hash_: str, name: str) -> PictureFile | None:
        """A file of a picture that the issue shows."""
        return fetching.find(self._publication.database, hash_, name)

    @property
    def settings(self) -> Settings:
        return self._publication.settings

    def stop(self) -> None:
        """Ends the requests that wait for a change, so that the server can end."""
        self.over = True

    def close(self) -> None:
        self.stop()
        self._asking.shutdown(cancel_futures=True)
        self._publication.database.close()

    def look(self) -> View:
        """The issue as it is now."""
        with self._lock:
            self._reload_settings()
            self._view = self._look()
            return self._view

    def for_topics(self, view: View, topics: Collection[str] | None) -> Document | None:
        """The document that a reader of these topics gets; None if they get no mail."""
        if view.inspection is None or not topics:
            return view.document
        edition = view.inspection.edition
        return as_shown(view.inspection.document, topics, self.settings, edition=edition)

    def html_bytes(self, view: View, topics: Collection[str] | None) -> int:
        """Size of the HTML part that a reader of these topics gets, as the rule “size” counts."""
        printed = view.printed
        if printed and topics:
            printed = for_choice(printed, topics, self.settings)
        return size.html_bytes(printed, self.settings.base_url) if printed else 0

    def _new_viewer(self) -> IssueViewer:
        return IssueViewer(self._publication.database, self._publication.settings)

    def _reload_settings(self) -> None:
        states = self._states_of_settings()
        if states == self._settings_states:
            return
        self._settings_states = states
        try:
            publication = self._open()
        except (EmagError, SettingsError) as error:
            self._settings_error = str(error)
            return
        self._publication.database.close()
        self._publication, self._settings_error = publication, ""
        self._viewer = self._new_viewer()

    def _look(self) -> View:
        issue, inspection, error = None, None, self._settings_error
        try:
            if not error:
                issue = self._viewer.issue(self._which)
                inspection = self._viewer.look_anew(issue, now=self._publication.now())
        except EmagError as failure:
            error = str(failure)
        stamp = _stamp(self._settings_states, issue, error, inspection)
        if stamp == self._view.stamp:
            return self._view
        if inspection and inspection.links.pending:
            self._ask(inspection)
        return View(stamp, issue, inspection, self._for_sample_reader(inspection), error)

    def _ask(self, inspection: Inspection) -> None:
        """Asks the links beside the page, which shows their faults when it looks again."""
        room = self._publication
        ask = partial(outside.ask, room.database, room.settings, room.outside)
        self._asking.submit(ask, inspection.proof, now=room.now())

    def _for_sample_reader(self, inspection: Inspection | None) -> Document | None:
        if inspection is None:
            return None
        return as_shown(inspection.document, (), self.settings, edition=inspection.edition)

    def _states_of_settings(self) -> tuple[FileState | None, ...]:
        folder, theme = self.settings.folder, self.settings.theme.name
        theme_file = folder / "templates" / themes.FOLDER / theme / themes.FILE
        return tuple(map(file_state, (folder / "emag.toml", folder / ".env", theme_file)))


def _stamp(settings: object, issue: Issue | None, error: str, inspection: Inspection | None) -> str:
    """Differs whenever there is something else to see: not by the time of printing alone."""
    visible = (inspection.faults, inspection.hash, inspection.edition) if inspection else None
    return hashlib.sha256(repr((settings, issue, error, visible)).encode()).hexdigest()[:20]
