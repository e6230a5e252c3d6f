"""The issue as readers will see it: desktop, phone, dark and text, side by side."""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from emag.checks import Fault, preflight
from emag.database import Database
from emag.desk import approve
from emag.desk import shots as chromium
from emag.desk.appearance import chosen, sample
from emag.errors import EmagError, SettingsError
from emag.issues import store
from emag.issues.issue import Issue
from emag.press import compose
from emag.press.document import Document
from emag.settings import Settings

CLIPPED_AT = 102_000  # bytes; Gmail hides what comes after


class Room(Protocol):
    """What a preview needs of the newsroom."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def now(self) -> Callable[[], datetime]: ...


@dataclass(frozen=True, slots=True)
class View:
    """One look: a document, or the sentence that says why there is none."""

    stamp: str
    issue: Issue | None = None
    printed: Document | None = None  # with the marks of its topics
    document: Document | None = None  # for a reader of them all
    approved: bool | None = None  # is it what was approved? None: nothing was
    faults: tuple[Fault, ...] = ()
    error: str = ""


class Preview:
    """Prints again when a template, a setting or a pick has changed; shows a fault, and goes on.

    `open_newsroom` is called again whenever the settings change.
    """

    def __init__(self, open_newsroom: Callable[[], Room], which: int | str) -> None:
        self._open, self._which = open_newsroom, which
        self._lock = threading.Lock()
        self._room = open_newsroom()
        self._settings_stamp = self._stamp_of_settings()
        self._settings_fault = ""
        self._view = View(stamp="")
        self.over = False

    @property
    def settings(self) -> Settings:
        return self._room.settings

    def stop(self) -> None:
        """Lets waiting pages go, so that a server which ends need not wait for them."""
        self.over = True

    def close(self) -> None:
        self.stop()
        self._room.database.close()

    def look(self) -> View:
        """The issue as it stands now."""
        with self._lock:
            self._read_settings_again()
            issue, fault = self._issue()
            stamp = self._stamp(issue, fault)
            if stamp != self._view.stamp:
                self._view = self._print(stamp, issue, fault)
            return self._view

    def _read_settings_again(self) -> None:
        stamp = self._stamp_of_settings()
        if stamp == self._settings_stamp:
            return
        self._settings_stamp = stamp
        try:
            room = self._open()
        except (EmagError, SettingsError) as error:
            self._settings_fault = str(error)
            return
        self._room.database.close()
        self._room, self._settings_fault = room, ""

    def _issue(self) -> tuple[Issue | None, str]:
        if self._settings_fault:
            return None, self._settings_fault
        try:
            with self._room.database.reading() as conn:
                return store.get(conn, self._which), ""
        except EmagError as error:
            return None, str(error)

    def _print(self, stamp: str, issue: Issue | None, fault: str) -> View:
        if issue is None:
            return View(stamp, error=fault)
        now, settings = self._room.now(), self._room.settings
        try:
            printed = compose.compose(issue, settings, now=now)
            faults = tuple(preflight(issue, printed, now=now, settings=settings))
        except EmagError as error:
            return View(stamp, issue, error=str(error))
        approved = printed.hash == issue.document_hash if issue.document_hash else None
        readable = sample(printed, base_url=settings.base_url)
        return View(stamp, issue, printed, readable, approved, faults)

    def for_topics(self, view: View, topics: Collection[str] | None) -> Document | None:
        """The document of a look as a reader of these topics gets it, if they get it."""
        if view.printed is None or not topics:
            return view.document
        settings = self._room.settings
        readable = chosen(view.printed, topics, settings)
        return sample(readable, base_url=settings.base_url) if readable else None

    def _stamp_of_settings(self) -> str:
        folder = self._room.settings.folder
        return _stamp(_states([folder / "emag.toml", folder / ".env"]))

    def _stamp(self, issue: Issue | None, fault: str) -> str:
        folders = self._room.settings.template_folders
        files = _states(file for folder in folders for file in sorted(folder.rglob("*")))
        return _stamp([self._settings_stamp, *files, repr(issue), fault])


def _states(files: Iterable[Path]) -> Iterable[str]:
    for file in files:
        try:
            state = file.stat()
        except OSError:  # gone for a moment, as when an editor saves
            continue
        yield f"{file} {state.st_mtime_ns} {state.st_size}"


def _stamp(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]


def write(
    newsroom: Room, which: int | str, *, out: Path, shots: bool, topics: Collection[str] = ()
) -> list[Path]:
    """Writes issue.html, issue.txt and issue.mjml into `out`, with `shots` the pictures too.

    Of an approved issue it is the frozen document, which is what leaves. With `topics` the HTML and
    the text are those of a reader who chose them.

    Raises PressError where it cannot be printed, EmagError where there is no browser, no such
    topic, or nothing for who chose them.
    """
    settings = newsroom.settings
    with newsroom.database.reading() as conn:
        issue = store.get(conn, which)
    now = newsroom.now()
    printed, _ = approve.check(newsroom.database, settings, issue.number, now=now)
    readable = sample(_of_topics(printed, topics, settings), base_url=settings.base_url)
    mjml = printed.mjml or compose.compose(issue, settings, now=now).mjml
    try:
        out.mkdir(parents=True, exist_ok=True)
        files = {"html": readable.html, "txt": readable.text, "mjml": mjml}
        for ending, text in files.items():
            (out / f"issue.{ending}").write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EmagError(f"{out} cannot be written: {error.strerror}") from error
    written = [out / f"issue.{ending}" for ending in files]
    return written + (chromium.take(readable.html, out) if shots else [])


def _of_topics(printed: Document, topics: Collection[str], settings: Settings) -> Document:
    known = settings.signup.topics
    unknown = sorted(set(topics) - {*known, *printed.topics})
    if unknown:
        raise EmagError(f"There is no topic “{unknown[0]}”; there are {', '.join(known)}")
    found = chosen(printed, topics, settings)
    if found is None:
        named = " and ".join(topics)
        raise EmagError(f"The issue has no story for who chose {named}: they get no mail")
    return found
