"""Draws the tables.py of each stage from its rows in emag/rows.

A row is declared once, as a SQLModel class. To build these classes takes as long as to load
everything else that sends an issue, and no statement needs them: statements are made of the plain
tables that this script draws.
"""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table
from sqlmodel import AutoString, SQLModel, UTCDateTime

from emag import migrate

_WIDTH = 100
_TYPES = {AutoString: "String", UTCDateTime: "StoredTime"}  # the others have the same name
# What a table is called in the code is its name without these.
_LEFT_OUT = re.compile(r"^(audit|editor|schedule|warm_up)_|(?<=^condensed)_issues$")


def pages() -> dict[Path, str]:
    """The text of each tables.py, by its path."""
    migrate.declared()
    return dict(_page(import_module(name)) for name in migrate.ROWS)


def draw() -> None:
    """Writes every tables.py."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")


def _page(module: Any) -> tuple[Path, str]:
    rows, path = list(_rows(module)), _path(module)
    of = path.parent.name if path.name == "tables.py" else path.name.removesuffix("_tables.py")
    title = (
        f'"""The tables of {of} for statements, drawn by “make tables” from {module.__name__}."""\n'
    )
    parts = [title, _imports(rows), "_ALL = MetaData()\n", *map(_table, rows)]
    return path, "\n".join(parts)


def _path(module: Any) -> Path:
    """The tables.py of the stage that the rows belong to."""
    path = Path(module.__file__)
    if path.name == "rows.py":
        return path.with_name("tables.py")
    stage = path.parent.parent / path.stem
    return stage / "tables.py" if stage.is_dir() else stage.with_name(f"{stage.name}_tables.py")


def _rows(module: Any) -> Iterator[type[SQLModel]]:
    """The rows that a module declares, in its order."""
    for row in vars(module).values():
        is_row = isinstance(row, type) and issubclass(row, SQLModel)
        if is_row and row.__module__ == module.__name__:
            yield row


def _imports(rows: list[type[SQLModel]]) -> str:
    columns = [column for row in rows for column in _columns(row)]
    names = {"Column", "MetaData", "Table", *map(_type, columns)} - {"StoredTime"}
    names |= {"ForeignKey" for column in columns if column.foreign_keys}
    line = f"from sqlalchemy import {', '.join(_sorted(names))}\n"
    if len(line) > _WIDTH:
        lines = "".join(f"    {name},\n" for name in _sorted(names))
        line = f"from sqlalchemy import (\n{lines})\n"
    moment = "\nfrom subscribers.dialect import StoredTime\n"
    return line + (moment if "StoredTime" in map(_type, columns) else "")


def _sorted(names: set[str]) -> list[str]:
    return sorted(names, key=lambda name: (not name.isupper(), name))


def _table(row: type[SQLModel]) -> str:
    name = str(row.__tablename__)
    short = _LEFT_OUT.sub("", name).upper()
    lines = [f"    {_column(row, column)},\n" for column in _columns(row)]
    return f'{short} = Table(\n    "{name}",\n    _ALL,\n{"".join(lines)})\n'


def _columns(row: type[SQLModel]) -> list[Column[Any]]:
    table: Table = row.__table__  # type: ignore[attr-defined]
    return list(table.columns)


def _column(row: type[SQLModel], column: Column[Any]) -> str:
    words = [f'"{column.name}"', _type(column) + ("()" if _type(column) == "StoredTime" else "")]
    words += [f'ForeignKey("{key.target_fullname}")' for key in column.foreign_keys]
    if column.primary_key:
        words += ["primary_key=True"]
        words += ["autoincrement=False"] if column.autoincrement is False else []
    elif not column.nullable:
        words += ["nullable=False"]
    return f"Column({', '.join(words + _default(row, column))})"


def _type(column: Column[Any]) -> str:
    kind: type[Any] = type(column.type)
    return _TYPES.get(kind, kind.__name__)


def _default(row: type[SQLModel], column: Column[Any]) -> list[str]:
    """The value of a row that does not give one, as an argument."""
    field = row.model_fields[column.name]
    if isinstance(field.default_factory, type):
        return [f"default={field.default_factory.__name__}"]
    value = field.default if isinstance(field.default, bool | float | int | str) else None
    text = "False" if value is False else f'"{value}"' if isinstance(value, str) else repr(value)
    return [] if value is None else [f"default={text}"]


if __name__ == "__main__":
    draw()
