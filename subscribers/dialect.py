"""The differences between SQLite and PostgreSQL that a statement has to know about."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    FromClause,
    Interval,
    Table,
    TypeDecorator,
    func,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeEngine

T = TypeVar("T")


class StoredTime(TypeDecorator[datetime]):
    """A time with its zone, in UTC. SQLite has no zones, so there it is stored without one."""

    impl = DateTime
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(timezone=True)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: ARG002
        return Interval() if isinstance(value, timedelta) else self

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.utcoffset() is None:
            raise ValueError("A time without a zone cannot be stored")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.utcoffset() is None:
            return value.replace(tzinfo=UTC)
        return value and value.astimezone(UTC)


def is_postgresql(conn: Connection) -> bool:
    """True on PostgreSQL, False on SQLite: no other database is supported."""
    return conn.dialect.name == "postgresql"


def choose(conn: Connection, *, sqlite: T, postgresql: T) -> T:
    """The one of the two that fits the connection."""
    return postgresql if is_postgresql(conn) else sqlite


def insert(conn: Connection, table: FromClause | type[Any]) -> Any:
    """An INSERT that knows ON CONFLICT, which SQLAlchemy offers only for each database apart."""
    return _dialect(is_postgresql(conn)).insert(table)


def _dialect(on_postgresql: bool) -> Any:
    if not on_postgresql:
        return sqlite
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - SQLite need not wait for it

    return postgresql


def upsert(
    conn: Connection, table: FromClause | type[Any], *, keys: Sequence[str], columns: Sequence[str]
) -> Any:
    """An INSERT that gives `columns` their new values where a row with the same `keys` exists."""
    return _upsert(is_postgresql(conn), cast("Any", table), tuple(keys), tuple(columns))


@lru_cache(maxsize=16)
def _upsert(
    on_postgresql: bool, table: Any, keys: tuple[str, ...], columns: tuple[str, ...]
) -> Any:
    statement = _dialect(on_postgresql).insert(table)
    values = {name: statement.excluded[name] for name in columns}
    return statement.on_conflict_do_update(index_elements=keys, set_=values)


def insert_new(conn: Connection, table: FromClause, *, key: str, returning: str) -> Any:
    """An INSERT that does nothing where a row with the same `key` exists, made once.

    Give the values to `execute`: then SQLAlchemy does not build the statement for each row.
    """
    return _insert_new(is_postgresql(conn), cast("Any", table), key, returning)


@lru_cache(maxsize=16)
def _insert_new(on_postgresql: bool, table: Any, key: str, returning: str) -> Any:
    statement = _dialect(on_postgresql).insert(table)
    return statement.on_conflict_do_nothing(index_elements=[key]).returning(table.c[returning])


@lru_cache(maxsize=64)
def binder(dialect: Dialect, kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    """Converts a value of a column type into what the driver takes.

    A moment becomes text on SQLite and stays as it is on PostgreSQL.
    """
    return kind.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)


def json_text(conn: Connection, column: Any, key: str) -> ColumnElement[str | None]:
    """The text under `key` of JSON that a text column holds; NULL where there is none."""
    if is_postgresql(conn):
        return func.jsonb_extract_path_text(sql_cast(column, _dialect(True).JSONB), key)
    return func.json_extract(column, f"$.{key}")


def domain(conn: Connection, address: Any) -> ColumnElement[str]:
    """The part of an address after the @, in lower case."""
    if is_postgresql(conn):
        return func.lower(func.split_part(address, "@", 2))
    return func.lower(func.substr(address, func.instr(address, "@") + 1))


class UpdateMany:
    """One UPDATE that gives each row values of its own, run by the driver.

    SQLAlchemy spends more on each row than the database does. SQLite runs a prepared statement
    for each row; PostgreSQL takes all rows as arrays in one statement.

    A row holds the values of `columns`, then those of `keys`, which find it. `constants` are set
    in every row, as SQL; `where` is a further condition on the row as it is, as SQL.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        *,
        keys: Sequence[str] = ("id",),
        constants: Sequence[str] = (),
        where: str = "",
    ) -> None:
        self._names = (*columns, *keys)
        condition = f" AND {where}" if where else ""
        # ruff: noqa: S608 - all names come from our own tables
        self._sqlite = "UPDATE {} SET {} WHERE {}{}".format(
            table.name,
            ", ".join([*(f"{name} = ?" for name in columns), *constants]),
            " AND ".join(f"{name} = ?" for name in keys),
            condition,
        )
        arrays = (f"%({name})s::{_postgresql_type(table, name)}[]" for name in self._names)
        self._postgresql = "UPDATE {} AS t SET {} FROM unnest({}) AS v({}) WHERE {}{}".format(
            table.name,
            ", ".join([*(f"{name} = v.new_{name}" for name in columns), *constants]),
            ", ".join(arrays),
            ", ".join(f"new_{name}" for name in self._names),
            " AND ".join(f"t.{name} = v.new_{name}" for name in keys),
            condition,
        )

    def run(self, conn: Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Updates the rows. Their values must be as the driver takes them: see `binder`."""
        rows = list(rows)
        if not rows:
            return
        with closing(conn.connection.cursor()) as cursor:
            if is_postgresql(conn):
                columns = map(list, zip(*rows, strict=True))
                cursor.execute(self._postgresql, dict(zip(self._names, columns, strict=True)))
            else:
                cursor.executemany(self._sqlite, rows)


def _postgresql_type(table: Table, name: str) -> str:
    names = {int: "bigint", str: "text", datetime: "timestamptz"}
    kind = table.c[name].type
    plain = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return names[plain.python_type]
