"""Imports a file of readers on a stated basis, in batches; brings back nobody who unsubscribed."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, insert, update

from subscribers.dialect import is_postgresql
from subscribers.errors import WrongFile
from subscribers.exchange import archive
from subscribers.exchange.batch import Batch, Memory
from subscribers.exchange.evidence import import_context
from subscribers.exchange.recognise import ReadableTable, recognise
from subscribers.exchange.row import REMOVALS, BadRow, ImportResult, Row
from subscribers.exchange.rows import rows
from subscribers.membership import ledger
from subscribers.tables import IMPORTS
from subscribers.tokens import Keys

Transaction = Callable[[], AbstractContextManager[Connection]]
Progress = Callable[[int, int], None]

# Rows in one transaction, of about a second: sign-ups get their turn in between. New addresses lie
# anywhere in the index, and each transaction writes nearly all of it: few large ones write less.
AT_ONCE = 50_000
CACHE_KIB = 64 << 10  # of SQLite's pages, instead of 2 MiB
LOG_PAGES = 50_000  # of 4 KiB, instead of 1,000
NO_MAPPING: Mapping[str, str] = {}


def import_file(
    transaction: Transaction,
    keys: Keys,
    file: Path,
    *,
    basis: str,
    by: str,
    format: str | None = None,  # noqa: A002 - the word that the command line uses
    mapping: Mapping[str, str] = NO_MAPPING,
    dry_run: bool = False,
    now: datetime,
    progress: Progress | None = None,
) -> ImportResult:
    """Imports the file. Raises WrongFile, and then nothing of it was imported.

    `basis` says what these readers agreed to. It is kept as evidence, with the file's name and the
    line of each reader. `mapping` names columns by what they hold: {"email": "Adresse"}.
    `progress` is called with the number of lines done and the approximate number of all.

    People who left are read first, from all tables of the file: no row can then add them.
    """
    basis = basis.strip()
    if not basis:
        raise WrongFile("Say on which basis these readers may be written to: --basis TEXT.")
    if mapping and format not in {None, "plain"}:
        raise WrongFile(f"--map is for plain files; “{format}” is known by its own columns.")
    tables = [recognise(sheet, format, mapping) for sheet in archive.sheets(file)]
    files = [f"{table.sheet.name}: {table.kind}, {table.sheet.encoding}" for table in tables]
    result = ImportResult(files=files)
    if not dry_run:
        name = _storable(file.name)
        result.id = _begin(transaction, name, tables, basis=basis, by=by, now=now)
    total = sum(table.sheet.total for table in tables)
    memory: Memory = {}
    with _garbage_collection_off():
        for table, batch in _in_order(tables):
            name = _storable(table.sheet.name)
            context = import_context(keys, result.id, name, basis=basis, by=by, now=now)
            if len(tables) > 1:
                context = context._replace(label=name)
            with transaction() as conn:
                _enlarge_cache(conn)
                ledger.lock(conn)
                Batch(conn, context, result, memory if dry_run else {}).take(batch)
            if progress:
                progress(result.rows, max(total, result.rows))
    if not dry_run:
        _finish(transaction, result, now)
    return result


@contextmanager
def _garbage_collection_off() -> Iterator[None]:
    """Rows make no reference cycles, and searching for them takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _enlarge_cache(conn: Connection) -> None:
    """If all pages of a batch fit into memory, each is written once, at the commit.

    The pages of several batches then go from the log into the file together.
    """
    if not is_postgresql(conn):
        conn.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
        conn.exec_driver_sql(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")


def _in_order(
    tables: Iterable[ReadableTable],
) -> Iterator[tuple[ReadableTable, list[Row | BadRow]]]:
    """First the people who left, then all others and the lines that cannot be read."""
    tables = list(tables)
    for table in tables:
        if table.has_removals:
            yield from _batches(table, (row for row in rows(table) if _has_left(row)))
    for table in tables:
        every_row = rows(table)
        others = (row for row in every_row if not _has_left(row))
        yield from _batches(table, others if table.has_removals else every_row)


def _has_left(row: Row | BadRow) -> bool:
    return isinstance(row, Row) and row.status in REMOVALS


def _batches(
    table: ReadableTable, source: Iterable[Row | BadRow]
) -> Iterator[tuple[ReadableTable, list[Row | BadRow]]]:
    iterator = iter(source)
    while batch := list(islice(iterator, AT_ONCE)):
        yield table, batch


def _storable(name: str) -> str:
    """A file's name that every database accepts."""
    return name.encode("utf-8", "replace").decode()


def _begin(
    transaction: Transaction,
    file: str,
    tables: Iterable[ReadableTable],
    *,
    basis: str,
    by: str,
    now: datetime,
) -> int:
    kinds = " ".join(dict.fromkeys(table.kind for table in tables))
    row = insert(IMPORTS).values(file=file, format=kinds, basis=basis, by=by, at=now)
    with transaction() as conn:
        return conn.execute(row.returning(IMPORTS.c.id)).scalar_one() or 0


def _finish(transaction: Transaction, result: ImportResult, now: datetime) -> None:
    counts = {
        "added": result.added,
        "updated": result.updated,
        "suppressed": result.suppressed,
        "unchanged": result.unchanged + result.skipped,
        "refused": len(result.refused),
    }
    is_this = IMPORTS.c.id == result.id
    with transaction() as conn:
        conn.execute(update(IMPORTS).where(is_this).values(finished_at=now, **counts))
