"""Many rows of one table, written by the driver at once."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select, text
from sqlmodel import SQLModel

from subscribers.dialect import is_postgresql


def put(
    conn: Connection,
    kind: type[SQLModel],
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    /,
    **same: Any,
) -> None:
    """Inserts `rows`, whose values are those of the columns `names`, as the driver takes them.

    `same` are the columns that are alike in all rows; others have their default. SQLAlchemy would
    build every row's parameters anew, which takes longer than writing them.
    """
    if not rows:
        return
    table: Table = cast("Any", kind).__table__
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
    """Times, lists and the like as the driver takes them; most rows have none."""
    found = [(at, _processor(conn, table, name)) for at, name in enumerate(names)]
    wanted = [(at, process) for at, process in found if process]
    if not wanted:
        return rows
    lists = [list(row) for row in rows]
    for row in lists:
        for at, process in wanted:
            row[at] = process(row[at])
    return lists


def _defaults(table: Table, names: Sequence[str]) -> dict[str, Any]:
    found = {}
    for column in table.c:
        if column.name not in names:
            default = cast("Any", column.default)
            found[column.name] = default.arg if default is not None and default.is_scalar else None
    return found


def _bound(conn: Connection, table: Table, name: str, value: Any) -> Any:
    """The value as the driver takes it."""
    process = _processor(conn, table, name)
    return process(value) if process else value


def _processor(conn: Connection, table: Table, name: str) -> Any:
    kind = table.c[name].type
    return kind.dialect_impl(conn.dialect).bind_processor(conn.dialect)


def reserve(conn: Connection, kind: type[SQLModel], count: int) -> Sequence[int]:
    """So many new numbers of the table's `id`. On SQLite the write transaction keeps them ours."""
    name = cast("Any", kind).__table__.name
    if is_postgresql(conn):
        sequence = func.nextval(func.pg_get_serial_sequence(name, "id"))
        series = func.generate_series(1, count).table_valued("number")
        return list(conn.execute(select(sequence).select_from(series)).scalars())
    # AUTOINCREMENT: what was given once is never given again, not even after an erasure.
    query = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    last = conn.execute(query, {"name": name}).scalar() or 0
    return range(last + 1, last + 1 + count)
