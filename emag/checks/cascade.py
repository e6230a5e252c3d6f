"""Finds out which declarations count for each element of a mail, in light or in dark."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Self

from lxml.html import HtmlElement

from emag.checks.css import Compound, StyleRule, declared, rules

_ANY = ""


class Scheme(StrEnum):
    """The colours that a mail program asks for."""

    LIGHT = "light"
    DARK = "dark"


class Node:
    """An element with what selectors ask of it. `above` has the names of all that it stands in."""

    __slots__ = ("above", "attributes", "classes", "identifier", "parent", "tag")

    def __init__(self, element: HtmlElement, parent: Self | None) -> None:
        self.tag: str = element.tag
        self.parent = parent
        self.attributes: Mapping[str, str] = dict(element.attrib)
        self.classes = frozenset(self.attributes.get("class", "").split())
        self.identifier = self.attributes.get("id", "")
        self.above: frozenset[str] = parent.above.union(parent.names()) if parent else frozenset()

    def names(self) -> Iterator[str]:
        """What a selector's last part may be filed under: tag, classes, identifier."""
        yield self.tag
        yield from (f".{name}" for name in self.classes)
        if self.identifier:
            yield f"#{self.identifier}"


class Cascade:
    """The style sheets of a mail as one scheme sees them, on a screen of the mail's own width.

    `properties` are those that are asked for: no other is looked at.
    """

    def __init__(
        self, sheets: Iterable[StyleRule], scheme: Scheme, properties: frozenset[str]
    ) -> None:
        self._properties = properties
        self._rules = [
            rule
            for rule in sheets
            if _counts(rule.media, scheme)
            and not properties.isdisjoint(rule.declarations)
            and not _is_of_outlook(rule)
        ]
        self._by_key: dict[str, list[tuple[int, frozenset[str]]]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            *around, last = rule.selector
            needed = frozenset(name for part in around if (name := _key(part)) != _ANY)
            self._by_key[_key(last)].append((number, needed))
        self._cache: dict[tuple[object, ...], Mapping[str, str]] = {}

    def of(self, node: Node) -> Mapping[str, str]:
        """The declarations that count for an element, its attributes included."""
        matching = tuple(self._matching(node))
        attributes = node.attributes
        style, background = attributes.get("style", ""), attributes.get("bgcolor", "")
        colour = attributes.get("color", "") if node.tag == "font" else ""
        key = (matching, style, background, colour)
        if key not in self._cache:
            defaults = {"background-color": background, "color": colour}
            self._cache[key] = self._counting(matching, style, defaults)
        return self._cache[key]

    def _counting(
        self, matching: Iterable[int], style: str, defaults: Mapping[str, str]
    ) -> dict[str, str]:
        numbers = sorted(matching, key=lambda number: (self._rules[number].weight, number))
        layers = [*(self._rules[number].declarations for number in numbers), declared(style)]
        result = {name: value.strip().lower() for name, value in defaults.items() if value}
        for is_important in (False, True):
            for declarations in layers:
                for name, (value, weighs) in declarations.items():
                    if weighs is is_important and name in self._properties:
                        result[name] = value
        return result

    def _matching(self, node: Node) -> Iterator[int]:
        for key in (_ANY, *node.names()):
            for number, needed in self._by_key.get(key, ()):
                if needed <= node.above and _matches(node, self._rules[number].selector):
                    yield number


def sheets(root: HtmlElement) -> list[StyleRule]:
    """The rules of all style elements of a mail."""
    return [
        rule
        for element in root.iter("style")
        for rule in rules(element.text or "", (element.get("media") or "").strip().lower())
    ]


def has_dark(style_rules: Iterable[StyleRule]) -> bool:
    """True if a mail has colours of its own for dark."""
    return any("prefers-color-scheme" in r.media and "dark" in r.media for r in style_rules)


def _counts(media: str, scheme: Scheme) -> bool:
    """True for rules of every screen, and for those of this scheme; none for print or a phone."""
    if "prefers-color-scheme" in media:
        return scheme.value in media
    return media in {"", "all", "screen", "only screen"} or "min-width" in media


def _is_of_outlook(rule: StyleRule) -> bool:
    """True for rules about the marks that Outlook sets when it changes colours by itself."""
    return any(name.startswith("data-ogs") for p in rule.selector for name, _, _ in p.attributes)


def _key(part: Compound) -> str:
    """What an element must have so that the selector can be about it."""
    if part.identifier:
        return f"#{part.identifier}"
    if part.classes:
        return f".{min(part.classes)}"
    return part.tag or _ANY


def _matches(node: Node, selector: tuple[Compound, ...]) -> bool:
    if not _fits(node, selector[-1]):
        return False
    if len(selector) == 1:
        return True
    parent = node.parent
    if selector[-1].relation == ">":
        return parent is not None and _matches(parent, selector[:-1])
    while parent is not None:
        if _matches(parent, selector[:-1]):
            return True
        parent = parent.parent
    return False


def _fits(node: Node, part: Compound) -> bool:
    if (part.tag and node.tag != part.tag) or not part.classes <= node.classes:
        return False
    if part.identifier and node.identifier != part.identifier:
        return False
    if part.is_root and node.parent is not None:
        return False
    return all(
        _has(node.attributes.get(name), sign, value) for name, sign, value in part.attributes
    )


def _has(actual: str | None, sign: str, value: str) -> bool:
    if actual is None or not sign:
        return actual is not None
    tests = {
        "=": actual == value,
        "~=": value in actual.split(),
        "^=": actual.startswith(value),
        "$=": actual.endswith(value),
        "*=": value in actual,
        "|=": actual == value or actual.startswith(f"{value}-"),
    }
    return tests.get(sign, False)
