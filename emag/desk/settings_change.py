"""Changes the publication's settings and texts in its files, and takes such changes back."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from emag.audit import record as audit
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.desk.settings_text import SETTINGS_FILE, opened, plain, text_of, words_file
from emag.errors import EmagError, NotFound, SettingsError, WrongMove
from emag.press import words
from emag.settings import Settings, parse
from emag.settings.defaults import sample
from emag.settings.toml_text import Unwritable, changed, value_of
from emag.settings.write import check_unchanged, only_writer, write_text
from emag.settings_log import store
from emag.settings_log.store import ChangedKey, LoggedValue, SettingsChange

HISTORY_LENGTH = 50  # changes in the history

Wanted = Mapping[str, LoggedValue]


def change(
    database: Database,
    settings: Settings,
    wanted: Wanted,
    *,
    based_on: str,
    now: datetime,
    by: str,
) -> SettingsChange | None:
    """Gives keys of emag.toml other values; None takes a key away, so that its default counts.

    `based_on` is the file's fingerprint when the editor opened it. None where nothing differs.
    Raises FileChanged, and SettingsError with a sentence for each fault; then nothing is written.
    """
    return _change(database, settings, SETTINGS_FILE, wanted, based_on=based_on, now=now, by=by)


def change_words(
    database: Database,
    settings: Settings,
    wanted: Mapping[str, str | None],
    *,
    based_on: str,
    now: datetime,
    by: str,
) -> SettingsChange | None:
    """Writes the publication's own texts; None makes the shipped text count again.

    Raises FileChanged, and SettingsError with a sentence for each fault; then nothing is written.
    """
    file = words_file(settings)
    return _change(database, settings, file, wanted, based_on=based_on, now=now, by=by)


def undo(
    database: Database, settings: Settings, number: int, *, now: datetime, by: str
) -> SettingsChange:
    """Gives the keys of a change the values that they had before it.

    Raises NotFound, WrongMove where it is undone already or a key was changed since, SettingsError.
    """
    with database.reading() as conn:
        former = store.one(conn, number)
    if former is None:
        raise NotFound(f"There is no change {number} of the settings.")
    if former.undone_by:
        raise WrongMove("This change was undone already.")
    text = opened(settings, former.file)
    later = [key.key for key in former.keys if text.value(key.key) != key.after]
    if later:
        names = ", ".join(later)
        raise WrongMove(f"{names} was changed again since: set it to the value that you want.")
    wanted = {key.key: key.before for key in former.keys}
    undone = _change(
        database,
        settings,
        former.file,
        wanted,
        based_on=text.fingerprint,
        undoes=number,
        now=now,
        by=by,
    )
    if undone is None:
        raise WrongMove("There is nothing to undo: the values are the same as before.")
    return undone


def history(database: Database) -> list[SettingsChange]:
    """The newest changes of the settings and texts, the newest first."""
    with database.reading() as conn:
        return store.listing(conn, limit=HISTORY_LENGTH)


def former_text(database: Database, number: int) -> str:
    """The whole file as it was before a change. Raises NotFound."""
    with database.reading() as conn:
        text = store.former_text(conn, number)
    if text is None:
        raise NotFound(f"There is no change {number} of the settings.")
    return text


def _change(
    database: Database,
    settings: Settings,
    file: str,
    wanted: Wanted,
    *,
    based_on: str,
    undoes: int | None = None,
    now: datetime,
    by: str,
) -> SettingsChange | None:
    """The row is written first and committed last: a crash between leaves a change without one."""
    path = settings.folder / file
    with only_writer(settings.folder), database.transaction() as conn:
        check_unchanged(path, based_on)
        text = text_of(settings.folder, file)
        keys = _differences(text, wanted)
        if not keys:
            return None
        new = _new_text(text, keys, sample=sample() if file == SETTINGS_FILE else "")
        _check(settings, file, new, keys)
        row = store.record(conn, file, keys, former=text, undoes=undoes, now=now, by=by)
        names = ", ".join(key.key for key in keys)
        kind = AuditKind.SETTINGS_CHANGED
        audit.append(conn, kind, subject=file, detail=names, now=now, by=by)
        _write(path, new)
        return row


def _differences(text: str, wanted: Wanted) -> list[ChangedKey]:
    data = tomllib.loads(text)
    keys = [ChangedKey(key, plain(value_of(data, key)), value) for key, value in wanted.items()]
    return [key for key in keys if key.before != key.after]


def _new_text(text: str, keys: Sequence[ChangedKey], *, sample: str) -> str:
    try:
        return changed(text, {key.key: key.after for key in keys}, sample=sample)
    except Unwritable as error:
        raise SettingsError(
            [f"{error} is written in a way that cannot be changed here: change it in the file."]
        ) from None


def _check(settings: Settings, file: str, text: str, keys: Sequence[ChangedKey]) -> None:
    """Raises SettingsError with all faults of the new text."""
    if file == SETTINGS_FILE:
        parse(text, settings.folder)
        return
    texts = [(key.key, key.after) for key in keys if isinstance(key.after, str)]
    faults = [words.text_fault(settings, key, text) for key, text in texts]
    if any(faults):
        raise SettingsError([fault for fault in faults if fault])


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise EmagError(
            f"{path} cannot be written ({error.strerror}): nothing was saved. "
            "Allow the user who runs emag to write in this folder."
        ) from None
