"""Where a service's body holds what is called otherwise here: dotted paths."""

from collections.abc import Iterator, Mapping
from typing import Any


def mapped(body: Mapping[str, Any], fields: Mapping[str, str], names: list[str]) -> dict[str, Any]:
    """Each name with what its path leads to, or else with what the body has under that name."""
    found = {name: body[name] for name in names if name in body}
    for name, path in fields.items():
        value = at(body, path)
        if value is not None:
            found[name] = value
    return found


def at(body: Any, path: str) -> Any:
    """What the path leads to, or None.

    `contact.email` goes into an object, `answers.0` into a list, `answers.*.email` into the first
    of a list that has it, and `answers.ref=mail.email` into the first whose `ref` is `mail`. A name
    that has dots itself is found as a whole before it is taken apart.
    """
    if not path:
        return body
    if isinstance(body, Mapping) and path in body:
        return body[path]
    step, _, rest = path.partition(".")
    return next((v for v in (at(each, rest) for each in _under(body, step)) if v is not None), None)


def _under(body: Any, step: str) -> Iterator[Any]:
    if isinstance(body, Mapping):
        if step in body:
            yield body[step]
    elif isinstance(body, list):
        name, is_search, wanted = step.partition("=")
        if step == "*":
            yield from body
        elif is_search:
            yield from (each for each in body if _flat(each).get(name) == wanted)
        elif step.isdecimal() and int(step[:9]) < len(body):
            yield body[int(step[:9])]


def _flat(each: Any) -> dict[str, Any]:
    """An answer's own names, and those of the field it answers (as Typeform nests them)."""
    if not isinstance(each, Mapping):
        return {}
    inner = each.get("field")
    return {**(inner if isinstance(inner, Mapping) else {}), **each}
