"""Imports a file of readers in the background: checks it, then imports it, or undoes it."""

import logging
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from emag.logbook import ERRORS, FAULT
from subscribers.desk import ImportResult, ImportStage, ImportTask, ReaderDesk
from subscribers.errors import ImportRunning, ListError, NoSuchImport

log = logging.getLogger("emag.readers")


def check(
    readers: ReaderDesk,
    file: Path,
    *,
    by: str,
    basis: str,
    format: str | None,  # noqa: A002 - the word of the command line
    columns: Mapping[str, str],
) -> str:
    """Begins to say what an import would do. Returns the key of its task.

    The folder of `file` is deleted with the task. Raises ImportRunning while another import runs.
    """
    task = ImportTask(
        key=secrets.token_urlsafe(12),
        by=by,
        at=readers.now(),
        stage=ImportStage.CHECKING,
        file=file,
        basis=basis,
        format=format,
        columns=dict(columns),
    )
    readers.tasks.begin(task)
    _run(readers, task, _check)
    return task.key


def start(readers: ReaderDesk, key: str, *, by: str) -> None:
    """Imports a file that was checked. Raises UnknownTask and ImportRunning."""
    task = readers.tasks.get(key)
    if task.stage is not ImportStage.CHECKED:
        raise ImportRunning("This import has begun already.")
    task = replace(task, by=by, at=readers.now(), stage=ImportStage.IMPORTING, rows=0)
    readers.tasks.begin(task)
    _run(readers, task, _import)


def undo(readers: ReaderDesk, number: int, *, by: str) -> None:
    """Undoes an import. Raises NoSuchImport, and ImportRunning while another import runs."""
    if readers.past_import(number).undone_at is not None:
        raise NoSuchImport(f"Import {number} was undone already.")
    key, at = f"undo-{number}", readers.now()
    task = ImportTask(key=key, by=by, at=at, stage=ImportStage.UNDOING, number=number)
    readers.tasks.begin(task)
    _run(readers, task, _undo)


Work = Callable[[ReaderDesk, ImportTask], None]


def _run(readers: ReaderDesk, task: ImportTask, work: Work) -> None:
    """Does the work in a thread. If the process ends first, the import can be undone."""

    def run() -> None:
        try:
            work(readers, task)
        except ListError as error:
            _fail(readers, task, str(error))
        except Exception as error:  # noqa: BLE001 - the page must say so, whatever it is
            # The text of an unknown error may hold an address.
            log.error("An import ended by a fault in emag itself", extra={FAULT: error})  # noqa: TRY400 - as above
            _fail(readers, task, f"A fault in emag itself ended it: see {ERRORS}.")

    threading.Thread(target=run, name="import", daemon=True).start()


def _check(readers: ReaderDesk, task: ImportTask) -> None:
    result = _import_file(readers, task, dry_run=True)
    readers.tasks.move(replace(task, stage=ImportStage.CHECKED, checked=result))


def _import(readers: ReaderDesk, task: ImportTask) -> None:
    result = _import_file(readers, task, dry_run=False)
    _delete(task)
    imported = replace(task, stage=ImportStage.IMPORTED, file=None, result=result)
    readers.tasks.move(replace(imported, number=result.id))


def _import_file(readers: ReaderDesk, task: ImportTask, *, dry_run: bool) -> ImportResult:
    assert task.file is not None
    return readers.import_file(
        task.file,
        by=task.by,
        basis=task.basis,
        format=task.format,
        mapping=task.columns,
        dry_run=dry_run,
        progress=lambda rows, total: readers.tasks.advance(task.key, rows, total),
    )


def _undo(readers: ReaderDesk, task: ImportTask) -> None:
    assert task.number is not None
    readers.undo_import(task.number, by=task.by)
    readers.tasks.move(replace(task, stage=ImportStage.UNDONE))


def _fail(readers: ReaderDesk, task: ImportTask, error: str) -> None:
    _delete(task)
    readers.tasks.move(replace(task, stage=ImportStage.FAILED, file=None, error=error))


def _delete(task: ImportTask) -> None:
    if task.file is not None:
        shutil.rmtree(task.file.parent, ignore_errors=True)
