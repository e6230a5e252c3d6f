"""Reads JSON-LD: the objects with which a web page describes itself to search engines."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from emag.content.sources.jsonfeed import MOST_ENTRIES, is_object, loads, text

DEEPEST = 6  # lists and graphs inside each other
_NESTED = ("jobs", "postings", "departments", "@graph", "mainEntity", "itemListElement", "item")

_LOCAL = re.compile(r"^(?:https?://schema\.org/|schema:)")
Node = Mapping[str, Any]


def documents(body: bytes) -> list[Any]:
    """The JSON-LD documents of a page. A broken one does not spoil the next one."""
    result = []
    for piece in body.split(b"<script")[1:MOST_ENTRIES]:
        head, _, rest = piece.partition(b">")
        if b"application/ld+json" in head.lower():
            with suppress(ValueError, RecursionError):
                result.append(loads(rest.partition(b"</script")[0]))
    return result


def objects(value: Any, depth: int = DEEPEST) -> Iterator[Node]:
    """Every object of a document, also inside lists and graphs."""
    if depth == 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from objects(item, depth - 1)
    elif isinstance(value, dict):
        yield value
        for name in _NESTED:
            if isinstance(value.get(name), (list, dict)):
                yield from objects(value[name], depth - 1)


def by_reference(nodes: Iterable[Node]) -> dict[str, Node]:
    """The objects that others may refer to, by their names."""
    return {text(node, "@id"): node for node in nodes if text(node, "@id") and len(node) > 1}


def is_of_type(node: Node, *names: str) -> bool:
    """True if the object is of one of these types."""
    kinds = [kind for kind in listed(node.get("@type")) if isinstance(kind, str)]
    return any(_LOCAL.sub("", kind) in names for kind in kinds)


def as_object(value: Any) -> Node:
    """The object, or an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolved(value: Any, named: Mapping[str, Any]) -> Any:
    """The object that a reference names; anything else as it is."""
    if is_object(value) and set(value) <= {"@id", "@type"}:
        return named.get(text(value, "@id"))
    return value


def names(value: Any) -> Iterator[str]:
    """The names of an object, a list or a string; an address is no name."""
    for item in listed(value):
        name = text(item, "name") if is_object(item) else item
        if isinstance(name, str) and name.strip() and "://" not in name:
            yield name.strip()


def place(value: Any) -> str:
    """The town of a Place, or else its name."""
    if not is_object(value):
        return next(names(value), "")
    address = value.get("address")
    if not is_object(address):
        return next(names(address), "") or next(names(value), "")
    country = address.get("addressCountry")
    parts = [text(address, "addressLocality"), text(address, "addressRegion")]
    parts = [part for part in parts if part] or list(names(country))
    return ", ".join(dict.fromkeys(parts)) or next(names(value), "")
