"""Copies every row of a database into an empty one, between SQLite and PostgreSQL each way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Boolean, Connection, DateTime, MetaData, Table
from sqlalchemy.types import JSON, TypeEngine

from emag.database import Database
from emag.database_faults import explain
from emag.errors import DatabaseError
from subscribers.dialect import is_postgresql

BATCH = 2_000  # rows at a time, so that memory does not grow with the list
EXCEPT = frozenset({"alembic_version", "instances"})  # tables that each database has for itself
# A moment as SQLite holds it.
_MOMENT = "YYYY-MM-DD HH24:MI:SS.US"

Watch = Callable[[int, int], None]
Rows = Iterator[Sequence[Sequence[Any]]]


def copy_rows(source: Database, target: Database, *, watch: Watch) -> dict[str, int]:
    """Copies all rows in one transaction. Returns how many rows each table has.

    Both must have the same revision. `watch` gets the rows copied so far, and all there are.
    Raises DatabaseError if the target holds rows already, or cannot keep what is copied.
    """
    with _snapshot(source) as old, target.transaction() as new:
        tables = _tables(old)
        if not is_empty(new):
            raise DatabaseError("That database is not empty: name an empty one")
        counts = {table.name: _count(old, table) for table in tables}
        total, copied = sum(counts.values()), 0
        for table in tables:
            for rows in _read(old, table):
                _write(new, table, rows)
                copied += len(rows)
                watch(copied, total)
        _give_numbers(new, tables, _last_numbers(old, tables))
        differing = [table.name for table in tables if _count(new, table) != counts[table.name]]
        if differing:
            raise DatabaseError(
                f"Not every row arrived ({', '.join(differing)}): nothing was moved"
            )
    return counts


def is_empty(conn: Connection) -> bool:
    """Says that no table but a database's own has a row."""
    return not any(
        conn.exec_driver_sql(f"SELECT 1 FROM {_quoted(table.name)} LIMIT 1").first()  # noqa: S608 - a name of ours
        for table in _tables(conn)
    )


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Reads one state of the database, whoever writes meanwhile."""
    if database.is_sqlite:
        with database.reading() as conn:
            yield conn
        return
    with database.engine.connect() as plain:
        conn = plain.execution_options(isolation_level="REPEATABLE READ")
        try:
            yield conn
        finally:
            conn.rollback()


def _tables(conn: Connection) -> list[Table]:
    """The tables, those that others refer to first."""
    metadata = MetaData()
    metadata.reflect(conn)
    return [table for table in metadata.sorted_tables if table.name not in EXCEPT]


def _count(conn: Connection, table: Table) -> int:
    query = f"SELECT count(*) FROM {_quoted(table.name)}"  # noqa: S608 - a name of ours
    return int(conn.exec_driver_sql(query).scalar_one())


def _read(conn: Connection, table: Table) -> Rows:
    """Yields the rows in groups, each value as SQLite holds it."""
    make = _as_sqlite if is_postgresql(conn) else _as_it_is
    columns = ", ".join(make(_quoted(column.name), column.type) for column in table.columns)
    order = ", ".join(_quoted(column.name) for column in table.primary_key.columns)
    query = f"SELECT {columns} FROM {_quoted(table.name)} ORDER BY {order}"  # noqa: S608 - as above
    options = {"yield_per": BATCH, "stream_results": True}
    with conn.exec_driver_sql(query, execution_options=options) as rows:
        yield from rows.partitions(BATCH)


def _as_it_is(column: str, _kind: TypeEngine[Any]) -> str:
    return column


def _as_sqlite(column: str, kind: TypeEngine[Any]) -> str:
    if isinstance(kind, DateTime):
        return f"to_char({column} AT TIME ZONE 'UTC', '{_MOMENT}')"
    if isinstance(kind, Boolean):
        return f"{column}::int"
    return f"{column}::text" if isinstance(kind, JSON) else column


def _write(conn: Connection, table: Table, rows: Sequence[Sequence[Any]]) -> None:
    names = [_quoted(column.name) for column in table.columns]
    cursor = conn.connection.cursor()
    try:
        if is_postgresql(conn):
            _copy_in(cursor, _quoted(table.name), names, rows)
        else:
            places = ", ".join("?" * len(names))
            columns = ", ".join(names)
            statement = f"INSERT INTO {_quoted(table.name)} ({columns}) VALUES ({places})"  # noqa: S608 - as above
            cursor.executemany(statement, [tuple(row) for row in rows])
    except conn.dialect.loaded_dbapi.Error as error:
        # The error's text may hold a reader's address, so it is not shown.
        raise DatabaseError(
            explain(error)
            or f"{table.name} holds a value that the other database cannot keep: nothing was moved"
        ) from None
    finally:
        cursor.close()


def _copy_in(cursor: Any, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Writes rows with COPY. Moments without a zone are in UTC."""
    cursor.execute("SET LOCAL TimeZone = 'UTC'")
    with cursor.copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _last_numbers(conn: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """The last number that each table gave to a row, which may be gone since."""
    if not is_postgresql(conn):
        rows = conn.exec_driver_sql("SELECT name, seq FROM sqlite_sequence").all()
        return {row.name: row.seq for row in rows}
    return {
        table: conn.exec_driver_sql(
            f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608 - PostgreSQL's own name
        ).scalar_one()
        for table, _, sequence in _sequences(conn, tables)
    }


def _give_numbers(conn: Connection, tables: Sequence[Table], numbers: dict[str, int]) -> None:
    """Lets each table go on counting where it stopped: a number is never used twice."""
    if is_postgresql(conn):
        for table, column, sequence in _sequences(conn, tables):
            highest = conn.exec_driver_sql(
                f"SELECT coalesce(max({column}), 0) FROM {_quoted(table)}"  # noqa: S608 - as above
            ).scalar_one()
            if last := max(highest, numbers.get(table, 0)):
                conn.exec_driver_sql("SELECT setval(%s, %s)", (sequence, last))
        return
    counting = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
    for (table,) in conn.exec_driver_sql(counting).all():
        last = max(numbers.get(table, 0), _last_numbers(conn, ()).get(table, 0))
        conn.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        if last:
            row = (table, last)
            conn.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", row)


def _sequences(conn: Connection, tables: Sequence[Table]) -> Iterator[tuple[str, str, str]]:
    """The tables of PostgreSQL that number their rows: name, column and sequence."""
    for table in tables:
        for column in table.primary_key.columns:
            sequence = conn.exec_driver_sql(
                "SELECT pg_get_serial_sequence(%s, %s)", (_quoted(table.name), column.name)
            ).scalar_one()
            if sequence:
                yield table.name, _quoted(column.name), sequence


def _quoted(name: str) -> str:
    return f'"{name}"'
