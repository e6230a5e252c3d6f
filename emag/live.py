"""The newsroom of a process that runs for long: it follows changes of the settings' files."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from emag.errors import EmagError, SettingsError
from emag.logbook import ERRORS, FAULT
from emag.newsroom import Newsroom
from emag.settings import Settings, running

LOOK_EVERY = 1.0  # seconds

Stamp = tuple[tuple[str, int, int, int], ...]
log = logging.getLogger("emag.settings")


class LiveNewsroom:
    """Call it for the newsroom with the newest settings. What began with an older one ends with it.

    Where a file has a fault, everything stays as it was.
    """

    def __init__(
        self,
        newsroom: Newsroom,
        stamp: Stamp,
        *,
        reread: Callable[[], Settings],
        renew: Callable[[Newsroom, Settings], Newsroom],
    ) -> None:
        """`stamp` was taken before the settings were read, so that no change is missed."""
        self._newsroom, self._reread, self._renew = newsroom, reread, renew
        self._stamp = self._candidate = stamp
        self._prepare: Callable[[Newsroom], Callable[[], None]] = lambda _: lambda: None

    def __call__(self) -> Newsroom:
        return self._newsroom

    def follow(self, prepare: Callable[[Newsroom], Callable[[], None]]) -> None:
        """Prepares something with each new newsroom, and calls what that returned to take it.

        `prepare` may raise for a fault of the settings.
        """
        self._prepare = prepare

    def refresh(self) -> bool:
        """Takes changed settings, once their files have rested between two looks. Never raises.

        An editor writes a file in steps: half of one must not count.
        """
        stamp = take_stamp(self._newsroom.settings.folder)
        has_rested, self._candidate = stamp == self._candidate, stamp
        if stamp == self._stamp or not has_rested:
            return False
        self._stamp = stamp
        try:
            newsroom = self._read()
            take = self._prepare(newsroom)
        except SettingsError as error:
            for fault in error.faults:
                log.warning("The settings stay as they were: %s", fault)
        except EmagError as error:
            log.warning("The settings stay as they were: %s", error)
        except Exception as error:  # noqa: BLE001 - a fault here must not end the process
            fault = f"a fault in emag: see {ERRORS}"
            log.error("The settings stay as they were: %s", fault, extra={FAULT: error})  # noqa: TRY400
        else:
            self._newsroom = newsroom
            take()
            return True
        return False

    def _read(self) -> Newsroom:
        before, written = self._newsroom.settings, self._reread()
        for name in running.waiting(before, written):
            log.warning("%s needs a restart: until then its old value counts", name)
        settings = running.effective(before, written)
        for key in running.changed_keys(before, settings):
            log.info("%s has a new value", key)
        return self._renew(self._newsroom, settings)

    @contextmanager
    def watching(self, *, every: float = LOOK_EVERY) -> Iterator[None]:
        """Looks for changes in a thread of its own meanwhile."""
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(every):
                self.refresh()

        thread = threading.Thread(target=watch, name="settings", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def take_stamp(folder: Path) -> Stamp:
    """What changes whenever somebody writes the settings, a theme, the secrets or the texts."""
    templates = folder / "templates"
    texts = sorted((templates / "words").rglob("*.toml"))
    themes = sorted((templates / "themes").glob("*/theme.toml"))
    files = [folder / "emag.toml", folder / ".env", *texts, *themes]
    return tuple(stamp for file in files if (stamp := _stamp(file)))


def _stamp(file: Path) -> tuple[str, int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return str(file), status.st_mtime_ns, status.st_size, status.st_ino
