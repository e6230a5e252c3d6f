"""Writes many rows of one table at once."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select, text

from subscribers.dialect import is_postgresql


def put(
    conn: Connection,
    table: Table,
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    /,
    **same: Any,
) -> None:
    """Inserts `rows` of the columns `names` with the driver itself.

    `same` are columns with the same value in all rows; other columns get their default. SQLAlchemy
    would build the parameters of every row anew, which takes longer than writing them.
    """
    if not rows:
        return
    fixed = _defaults(table, names) | same
    columns = ", ".join((*names, *fixed))
    end = tuple(_bound(conn, table, name, value) for name, value in fixed.items())
    whole = [(*row, *end) for row in _processed(conn, table, names, rows)]
    if is_postgresql(conn):
        driver = cast("Any", conn.connection.driver_connection)
        statement = f"COPY {table.name} ({columns}) FROM STDIN"
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in whole:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(whole[0]))
    statement = f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 - our own names
    conn.exec_driver_sql(statement, whole)


def _processed(
    conn: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> Sequence[Sequence[Any]]:
    """Converts times, lists and the like into what the driver takes; most rows have none."""
    processors = [(at, _processor(conn, table, name)) for at, name in enumerate(names)]
    wanted = [(at, process) for at, process in processors if process]
    if not wanted:
        return rows
    lists = [list(row) for row in rows]
    for row in lists:
        for at, process in wanted:
            row[at] = process(row[at])
    return lists


def _defaults(table: Table, names: Sequence[str]) -> dict[str, Any]:
    values = {}
    for column in table.c:
        if column.name not in names:
            default = cast("Any", column.default)
            values[column.name] = default.arg if default is not None and default.is_scalar else None
    return values


def _bound(conn: Connection, table: Table, name: str, value: Any) -> Any:
    """Converts a value into what the driver takes."""
    process = _processor(conn, table, name)
    return process(value) if process else value


def _processor(conn: Connection, table: Table, name: str) -> Any:
    kind = table.c[name].type
    return kind.dialect_impl(conn.dialect).bind_processor(conn.dialect)


def reserve(conn: Connection, table: Table, count: int) -> Sequence[int]:
    """Gives new numbers of the table's `id`. On SQLite the write transaction reserves them."""
    if is_postgresql(conn):
        sequence = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
        series = func.generate_series(1, count).table_valued("number")
        return list(conn.execute(select(sequence).select_from(series)).scalars())
    # AUTOINCREMENT: a number is never given twice, not even after an erasure.
    query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    last = conn.execute(query, {"name": table.name}).scalar() or 0
    return range(last + 1, last + 1 + count)
