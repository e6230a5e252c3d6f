"""Changes keys in the text of a TOML file. Comments and the order of the keys stay.

A key is written with dots: “theme.accent”. A table of a list is named by its own key `name`:
“sections.posts.limit”.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.container import Container
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

TomlValue: TypeAlias = str | int | float | bool | list[str]
Changes: TypeAlias = Mapping[str, TomlValue | None]  # None takes the key away

_HEADER = re.compile(r"\s*(\[{1,2})\s*([A-Za-z0-9_.-]+)\s*\]{1,2}\s*(?:#.*)?$")


class Unwritable(ValueError):
    """The key cannot be changed without touching something else."""


def changed(text: str, changes: Changes, *, sample: str = "") -> str:
    """Returns the text with the changes.

    A key that is taken away becomes a comment that shows its default, where `sample` has such a
    comment. Raises Unwritable for a key in a place that this cannot change.
    """
    lines_end = "\r\n" if "\r\n" in text else "\n"
    new = text.replace("\r\n", "\n")
    for key, value in changes.items():
        new = _without(new, key, sample) if value is None else _with(new, key, value)
        if _value(new, key) != value:
            raise Unwritable(key)
    wanted = list(changes)
    if _rest(new, wanted) != _rest(text.replace("\r\n", "\n"), wanted):
        raise Unwritable(wanted[0])
    return new.replace("\n", lines_end)


def value_of(data: Mapping[str, Any], key: str) -> object | None:
    """The value of a key in what a TOML file holds, or None."""
    value = _node(data, key)
    return None if isinstance(value, dict) else value


def _value(text: str, key: str) -> object | None:
    try:
        return value_of(tomllib.loads(text), key)
    except tomllib.TOMLDecodeError as error:
        raise Unwritable(key) from error


def _rest(text: str, keys: list[str]) -> Mapping[str, Any]:
    """What the file holds besides these keys."""
    data = tomllib.loads(text)
    for key in keys:
        table, _, last = key.rpartition(".")
        node = _node(data, table)
        if node is not None:
            node.pop(last, None)
    return {name: value for name, value in data.items() if value not in ({}, [])}


def _node(data: Any, table: str) -> Any:
    """The table, or the value, at a place with dots; None where there is none."""
    for part in table.split(".") if table else ():
        if isinstance(data, list):
            data = next((e for e in data if isinstance(e, dict) and e.get("name") == part), None)
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return data


def _with(text: str, key: str, value: TomlValue) -> str:
    if _value(text, key) is None:
        text = _with_line(text, key)
    document = _parsed(text, key)
    table, _, last = key.rpartition(".")
    node = _node(document, table)
    if node is None:
        raise Unwritable(key)
    item = tomlkit.item(value)
    container = node if isinstance(node, Container) else node.value
    old = container.item(last)  # node[last] gives a bare bool for a Bool
    if isinstance(old, Item):
        _keep_comment(old, item)
    node[last] = item
    return tomlkit.dumps(document)


def _parsed(text: str, key: str) -> TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise Unwritable(key) from error


def _keep_comment(old: Item, item: Item) -> None:
    """Gives a value the comment of the one before it, in the same column where there is room."""
    item.trivia.comment = old.trivia.comment
    item.trivia.indent, item.trivia.trail = old.trivia.indent, old.trivia.trail
    if old.trivia.comment:
        column = len(old.as_string()) + len(old.trivia.comment_ws)
        item.trivia.comment_ws = " " * max(1, column - len(item.as_string()))


def _with_line(text: str, key: str) -> str:
    """Adds a line for a key: the one that is commented out, or else one at the table's end."""
    table, _, last = key.rpartition(".")
    lines = text.split("\n")
    start, end = _range(text, lines, table)
    if start is None:
        header = [f"[{table}]"] if table else []
        blank = [""] if text.strip() else []
        return "\n".join([*text.rstrip("\n").split("\n"), *blank, *header, f'{last} = ""', ""])
    commented = _commented(lines[start:end], last)
    if commented is not None:
        lines[start + commented[0]] = _shifted(commented[1], 2)
        return "\n".join(lines)
    filled = (n for n in range(end - 1, start - 1, -1) if _is_filled(lines[n]))
    lines.insert(next(filled, start - 1) + 1, f'{last} = ""')
    return "\n".join(lines)


def _commented(lines: Sequence[str], last: str) -> tuple[int, str] | None:
    """The line of a key that is commented out: its number, and the line without its mark."""
    pattern = re.compile(rf"#\s?({re.escape(last)}\s*=.*)$")
    for number, line in enumerate(lines):
        match = pattern.match(line)
        if match and _is_line(match[1]):
            return number, match[1]
    return None


def default_in(sample: str, key: str) -> TomlValue | None:
    """The value of a key in the comment of a sample that shows its default."""
    table, _, last = key.rpartition(".")
    lines = sample.split("\n")
    start, end = _range(sample, lines, table) if sample else (None, 0)
    line = _commented(lines[start:end], last) if start is not None else None
    default: TomlValue | None = tomllib.loads(line[1])[last] if line else None
    return default


def _without(text: str, key: str, sample: str) -> str:
    if _value(text, key) is None:
        return text
    table, _, last = key.rpartition(".")
    default = default_in(sample, key)
    if default is None:
        document = _parsed(text, key)
        _node(document, table).pop(last)
        return tomlkit.dumps(document)
    lines = _with(text, key, default).split("\n")
    start, end = _range(text, lines, table)
    for number in range(start or 0, end):
        if re.match(rf"{re.escape(last)}\s*=", lines[number]) and _is_line(lines[number]):
            lines[number] = "# " + _shifted(lines[number], -2)
    return "\n".join(lines)


def _range(text: str, lines: list[str], table: str) -> tuple[int | None, int]:
    """The lines of a table after its header: the first, and the one after the last."""
    if not table:
        tables = (number for number, line in enumerate(lines) if _HEADER.match(line))
        return 0, next(tables, len(lines))
    name, _, element = table.partition(".")
    listed = tomllib.loads(text).get(name)
    wanted = 0
    if isinstance(listed, list):
        table = name
        wanted = next((n for n, e in enumerate(listed) if e.get("name") == element), len(listed))
    matches = [_HEADER.match(line) for line in lines]
    names = [match[2] if match else "" for match in matches]
    starts = [place for place, header in enumerate(names) if header == table]
    if wanted >= len(starts):
        return None, len(lines)
    start = starts[wanted] + 1
    later = (place for place, header in enumerate(names) if header and place >= start)
    return start, next(later, len(lines))


def _is_line(text: str) -> bool:
    """True for a whole TOML line, such as one that was commented out."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _is_filled(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _shifted(line: str, places: int) -> str:
    """Moves the comment at the end of a line, so that it stays in its column."""
    values, comment = _split(line)
    if not comment:
        return line
    bare = values.rstrip()
    return bare + " " * max(1, len(values) - len(bare) + places) + comment


def _split(line: str) -> tuple[str, str]:
    """A line of one key, before and from its comment on."""
    for at in (match.start() for match in re.finditer("#", line)):
        if _is_line(line[:at]):
            return line[:at], line[at:]
    return line, ""
