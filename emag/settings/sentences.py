"""Says in plain words what is wrong with a value, where pydantic or TOML would say it."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

Context = Mapping[str, Any]

_WHOLE, _NUMBER = "write a whole number", "write a number"
_TEXT = "write a text in quotes"
_LIST, _TABLE = 'write a list, such as ["one", "two"]', "write a table with keys of its own"
_SWITCH = "write true or false"
_DURATION = "write a duration like 90s, 30m, 2h or 14d"

_PLAIN = {
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "this number is too large",
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "bool_parsing": _SWITCH,
    "bool_type": _SWITCH,
    "string_type": _TEXT,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "time_delta_type": _DURATION,
    "time_delta_parsing": _DURATION,
    "string_pattern_mismatch": "this text holds a character that is not allowed here",
}
_WITH_LIMITS: dict[str, Callable[[Context], str]] = {
    "literal_error": lambda context: f"write {context['expected']}".replace("'", '"'),
    "greater_than_equal": lambda context: f"write {context['ge']} or more",
    "greater_than": lambda context: f"write more than {context['gt']}",
    "less_than_equal": lambda context: f"write {context['le']} or less",
    "less_than": lambda context: f"write less than {context['lt']}",
    "string_too_short": lambda context: (
        "it is empty" if context["min_length"] == 1 else f"write {context['min_length']} characters"
    ),
    "string_too_long": lambda context: f"write {context['max_length']} characters at most",
    "too_short": lambda context: f"name {context['min_length']} or more",
    "too_long": lambda context: f"name {context['max_length']} at most",
}


def of_kind(kind: str, context: Context) -> str:
    """What to write instead, by pydantic's name for the fault."""
    if kind in _WITH_LIMITS:
        return _WITH_LIMITS[kind](context)
    return _PLAIN.get(kind, "this value cannot be read: see the reference of settings")


def of_toml(text: str, error: tomllib.TOMLDecodeError, *, of: str = "emag.toml") -> str:
    """Where a file stops being TOML, and what is usually the cause."""
    line = getattr(error, "lineno", 0) or _line(str(error)) or text.count("\n") + 1
    words = text.splitlines()[line - 1 : line]
    quoted = f" (“{words[0].strip()[:40]}”)" if words and words[0].strip() else ""
    if "overwrite" in str(error) or "twice" in str(error):
        return f"{of} sets something twice, in line {line}{quoted}: remove one of them"
    return (
        f"{of} cannot be read from line {line} on{quoted}: a quote, a bracket or “=” is "
        "missing there or in the line before"
    )


def _line(words: str) -> int:
    """The number after “line” in the words of tomllib."""
    _, _, rest = words.rpartition("(at line ")
    number = rest.partition(",")[0]
    return int(number) if number.isdigit() else 0
