"""Finds our fields in the JSON of another service, by dotted paths."""

from collections.abc import Iterator, Mapping
from typing import Any


def mapped(body: Mapping[str, Any], paths: Mapping[str, str], names: list[str]) -> dict[str, Any]:
    """Each name with the value at its path, or else the body's own value of that name."""
    values = {name: body[name] for name in names if name in body}
    for name, path in paths.items():
        value = at(body, path)
        if value is not None:
            values[name] = value
    return values


def at(body: Any, path: str) -> Any:
    """The value at a path, or None.

    `contact.email` goes into an object and `answers.0` into a list. `answers.*.email` takes the
    first entry of a list that has an `email`, `answers.ref=mail.email` the first whose `ref` is
    `mail`. A name that contains dots is tried as a whole before it is split.
    """
    if not path:
        return body
    if isinstance(body, Mapping) and path in body:
        return body[path]
    step, _, rest = path.partition(".")
    values = (at(child, rest) for child in _children(body, step))
    return next((value for value in values if value is not None), None)


def _children(body: Any, step: str) -> Iterator[Any]:
    if isinstance(body, Mapping):
        if step in body:
            yield body[step]
    elif isinstance(body, list):
        name, is_search, wanted = step.partition("=")
        if step == "*":
            yield from body
        elif is_search:
            yield from (entry for entry in body if _flat(entry).get(name) == wanted)
        elif step.isdecimal() and int(step[:9]) < len(body):
            yield body[int(step[:9])]


def _flat(answer: Any) -> dict[str, Any]:
    """An answer's own names, and those of the field that it answers (as Typeform nests them)."""
    if not isinstance(answer, Mapping):
        return {}
    field = answer.get("field")
    return {**(field if isinstance(field, Mapping) else {}), **answer}
