"""An import: a file of readers on a stated basis, in batches, and nobody who left brought back."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, insert, update
from sqlmodel import col

from subscribers.errors import WrongFile
from subscribers.exchange import sheet
from subscribers.exchange.batch import Batch
from subscribers.exchange.plain import Plain
from subscribers.exchange.row import Bad, Format, Loaded, Row
from subscribers.membership import ledger
from subscribers.tables import ImportRow
from subscribers.tokens import Keys

Transaction = Callable[[], AbstractContextManager[Connection]]

FORMATS: tuple[Format, ...] = (Plain(),)
AT_ONCE = 2_000  # rows in one transaction: sign-ups get their turn in between


def load(
    transaction: Transaction,
    keys: Keys,
    file: Path,
    *,
    basis: str,
    format: str | None = None,  # noqa: A002 - the word that the command line uses
    dry_run: bool = False,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> Loaded:
    """Reads the file in. Raises WrongFile, and then nothing of it was taken.

    `basis` says what these readers agreed to, and is kept as evidence with the file's name and the
    line of each. `progress` is told how many lines are done.
    """
    basis = basis.strip()
    if not basis:
        raise WrongFile("Say on which basis these readers may be written to: --basis TEXT.")
    kind, header, delimiter = _recognise(file, format)
    name = file.name.encode("utf-8", "replace").decode()
    done = Loaded()
    if not dry_run:
        done.id = _begin(transaction, name, kind, basis, now)
    seen: set[int] = set()
    with sheet.lines(file, delimiter) as lines:
        for rows in _batches(kind.rows(header, lines), AT_ONCE):
            with transaction() as conn:
                ledger.lock(conn)
                batch = Batch(conn, keys, number=done.id, file=name, basis=basis, now=now)
                batch.take(rows, done, seen)
            if progress:
                progress(done.added + done.updated + done.suppressed + done.unchanged)
    if not dry_run:
        _finish(transaction, done, now)
    return done


def _recognise(file: Path, wanted: str | None) -> tuple[Format, list[str], str]:
    headers = sheet.look_through(file)
    formats = [f for f in FORMATS if wanted in (None, f.name)]
    if not formats:
        known = ", ".join(f.name for f in FORMATS)
        raise WrongFile(f"There is no format “{wanted}”; known are: {known}.")
    for kind in formats:
        for header, delimiter in zip(headers, sheet.DELIMITERS, strict=True):
            if kind.recognises(header):
                return kind, header, delimiter
    if any("@" in field for field in headers[0]):
        raise WrongFile(f"The first line of {file.name} must name the columns: email,name.")
    raise WrongFile(
        f"{file.name} has no column “email” in its first line, so it is not clear what it holds."
    )


def _batches(rows: Iterable[Row | Bad], size: int) -> Iterator[list[Row | Bad]]:
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch


def _begin(transaction: Transaction, file: str, kind: Format, basis: str, now: datetime) -> int:
    row = insert(ImportRow).values(file=file, format=kind.name, basis=basis, at=now)
    with transaction() as conn:
        return conn.execute(row.returning(col(ImportRow.id))).scalar_one() or 0


def _finish(transaction: Transaction, done: Loaded, now: datetime) -> None:
    counts = {
        "added": done.added,
        "updated": done.updated,
        "suppressed": done.suppressed,
        "unchanged": done.unchanged,
        "refused": len(done.refused),
    }
    with transaction() as conn:
        conn.execute(
            update(ImportRow).where(col(ImportRow.id) == done.id).values(finished_at=now, **counts)
        )
