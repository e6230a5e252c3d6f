"""An import: a file of readers on a stated basis, in batches, and nobody who left brought back."""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, insert, update
from sqlmodel import col

from subscribers.dialect import is_postgresql
from subscribers.errors import WrongFile
from subscribers.exchange import archive
from subscribers.exchange.batch import Batch, Memory
from subscribers.exchange.evidence import job as describe
from subscribers.exchange.recognise import Table, recognise
from subscribers.exchange.row import GONE, BadRow, ImportResult, Row
from subscribers.exchange.rows import rows
from subscribers.membership import ledger
from subscribers.tables import ImportRow
from subscribers.tokens import Keys

Transaction = Callable[[], AbstractContextManager[Connection]]
Progress = Callable[[int, int], None]

# Rows in one transaction, of about a second: sign-ups get their turn in between. New addresses lie
# anywhere in the index, and each transaction writes nearly all of it: few large ones write less.
AT_ONCE = 50_000
CACHE_KIB = 64 << 10  # of SQLite's pages, which by itself keeps 2 MiB
LOG_PAGES = 50_000  # of 4 KiB, instead of 1,000
NO_NAMES: Mapping[str, str] = {}


def import_file(
    transaction: Transaction,
    keys: Keys,
    file: Path,
    *,
    basis: str,
    by: str,
    format: str | None = None,  # noqa: A002 - the word that the command line uses
    mapping: Mapping[str, str] = NO_NAMES,
    dry_run: bool = False,
    now: datetime,
    progress: Progress | None = None,
) -> ImportResult:
    """Reads the file in. Raises WrongFile, and then nothing of it was taken.

    `basis` says what these readers agreed to, and is kept as evidence with the file's name and the
    line of each. `mapping` names columns by what they hold: {"email": "Adresse"}. `progress` is
    told how many lines are done, and of about how many.

    Whoever left is read first, from all tables of the file: no row can then bring them in.
    """
    basis = basis.strip()
    if not basis:
        raise WrongFile("Say on which basis these readers may be written to: --basis TEXT.")
    if mapping and format not in {None, "plain"}:
        raise WrongFile(f"--map is for plain files; “{format}” is known by its own columns.")
    tables = [recognise(sheet, format, mapping) for sheet in archive.sheets(file)]
    done = ImportResult(files=[f"{t.sheet.name}: {t.kind}, {t.sheet.encoding}" for t in tables])
    if not dry_run:
        done.id = _begin(transaction, _plain(file.name), tables, basis=basis, by=by, now=now)
    total = sum(table.sheet.total for table in tables)
    memory: Memory = {}
    with _uncollected():
        for table, some in _in_turn(tables):
            name = _plain(table.sheet.name)
            job = describe(keys, done.id, name, basis, now)
            if len(tables) > 1:
                job = job._replace(label=name)
            with transaction() as conn:
                _make_room(conn)
                ledger.lock(conn)
                Batch(conn, job, done, memory if dry_run else {}).take(some)
            if progress:
                progress(done.rows, max(total, done.rows))
    if not dry_run:
        _finish(transaction, done, now)
    return done


@contextmanager
def _uncollected() -> Iterator[None]:
    """Rows make no cycles, and looking for them again and again takes a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _make_room(conn: Connection) -> None:
    """A batch's pages are written once, at its commit, if all of them fit into memory; and many
    batches' pages together go from the log into the file."""
    if not is_postgresql(conn):
        conn.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
        conn.exec_driver_sql(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")


def _in_turn(tables: Iterable[Table]) -> Iterator[tuple[Table, list[Row | BadRow]]]:
    """First who left, then the rest with what cannot be read."""
    tables = list(tables)
    for table in tables:
        if table.has_removals:
            yield from _batches(table, (row for row in rows(table) if _has_left(row)))
    for table in tables:
        found = rows(table)
        rest = (row for row in found if not _has_left(row)) if table.has_removals else found
        yield from _batches(table, rest)


def _has_left(row: Row | BadRow) -> bool:
    return isinstance(row, Row) and row.says in GONE


def _batches(
    table: Table, found: Iterable[Row | BadRow]
) -> Iterator[tuple[Table, list[Row | BadRow]]]:
    source = iter(found)
    while batch := list(islice(source, AT_ONCE)):
        yield table, batch


def _plain(name: str) -> str:
    """A file's name that every database takes."""
    return name.encode("utf-8", "replace").decode()


def _begin(
    transaction: Transaction,
    file: str,
    tables: Iterable[Table],
    *,
    basis: str,
    by: str,
    now: datetime,
) -> int:
    kinds = " ".join(dict.fromkeys(table.kind for table in tables))
    row = insert(ImportRow).values(file=file, format=kinds, basis=basis, by=by, at=now)
    with transaction() as conn:
        return conn.execute(row.returning(col(ImportRow.id))).scalar_one() or 0


def _finish(transaction: Transaction, done: ImportResult, now: datetime) -> None:
    counts = {
        "added": done.added,
        "updated": done.updated,
        "suppressed": done.suppressed,
        "unchanged": done.unchanged + done.skipped,
        "refused": len(done.refused),
    }
    with transaction() as conn:
        conn.execute(
            update(ImportRow).where(col(ImportRow.id) == done.id).values(finished_at=now, **counts)
        )
