"""Groups the elements of a mail by what selectors see of them, and has one of each kind styled.

A mail repeats itself: twenty stories have the same tags, classes and ancestors. So premailer gets a
skeleton with one element of each kind, and all elements of a kind get what it gave to that one. The
kinds are kept: the next issue has the same, and premailer gets nothing to do.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from lxml import etree

from emag.press import inliner

_MOST_KINDS = 5_000  # that are kept for one set of style sheets; an issue has about a hundred
# These look at the elements beside one, or at its place among them.
_SIBLINGS = re.compile(r"[+~:]")
_Key = tuple[str, *tuple[str | None, ...]]  # a tag and its attributes, in the order of their names
_ATTRIBUTE = re.compile(r"\[\s*([\w-]+)")


class KindOfElement:
    """Elements that no selector tells apart. `style` is None until premailer has styled one."""

    __slots__ = ("attributes", "kinds_inside", "parent", "style", "tag")

    def __init__(
        self, tag: str, attributes: tuple[str | None, ...], parent: "KindOfElement | None"
    ) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.kinds_inside: dict[_Key, KindOfElement] = {}
        self.style: str | None = None


class KindsOfElements:
    """The kinds of elements under some style sheets. Safe in several threads."""

    def __init__(self, sheets: tuple[str, ...]) -> None:
        self._sheets = sheets
        names = {name for css in sheets for name in _names(css)} - {"style", "class"}
        self._names = ("style", "class", *sorted(names))
        self._roots: dict[_Key, KindOfElement] = {}
        self._count = 0

    def style(self, page: Any) -> None:
        """Writes the style attributes of all elements of the tree."""
        if self._count > _MOST_KINDS:
            self._roots, self._count = {}, 0
        kind = self._kind(self._roots, (page.tag, *map(page.get, self._names)), None)
        elements = [(page, kind)]
        self._collect(page, kind, elements)
        if any(kind.style is None for _, kind in elements):
            self._learn([kind for _, kind in elements])
        for element, kind in elements:
            if kind.style:
                element.set("style", kind.style)

    def _collect(
        self, parent: Any, kind: KindOfElement, elements: list[tuple[Any, KindOfElement]]
    ) -> None:
        names, kinds_inside = self._names, kind.kinds_inside
        for element in parent:
            tag = element.tag
            if isinstance(tag, str):  # no comment
                key = (tag, *map(element.get, names))
                inner = kinds_inside.get(key) or self._kind(kinds_inside, key, kind)
                elements.append((element, inner))
                if len(element):
                    self._collect(element, inner, elements)

    def _kind(
        self, kinds: dict[_Key, KindOfElement], key: _Key, parent: KindOfElement | None
    ) -> KindOfElement:
        if key not in kinds:
            kinds[key] = KindOfElement(key[0], key[1:], parent)
            self._count += 1
        return kinds[key]

    def _learn(self, kinds: list[KindOfElement]) -> None:
        """Has premailer style one element of each kind."""
        skeleton: dict[KindOfElement, Any] = {}
        for kind in kinds:
            if kind not in skeleton:
                skeleton[kind] = self._bone(kind, skeleton)
        root = skeleton[kinds[0]]
        inliner.style(root, self._sheets)
        for kind, element in skeleton.items():
            kind.style = element.get("style", "").replace("; ", ";")

    def _bone(self, kind: KindOfElement, skeleton: dict[KindOfElement, Any]) -> Any:
        pairs = zip(self._names, kind.attributes, strict=True)
        attributes = {name: value for name, value in pairs if value is not None}
        if kind.parent is None:
            # As HTML, where the names of elements may be any that a page has.
            return etree.HTMLParser().makeelement(kind.tag, attributes)
        return etree.SubElement(skeleton[kind.parent], kind.tag, attributes)


@lru_cache(maxsize=16)
def kinds_of_elements(sheets: tuple[str, ...]) -> KindsOfElements | None:
    """The kinds under these style sheets; None where a selector looks at siblings."""
    selectors = (selector for css in sheets for selector in inliner.selectors(css))
    return None if any(map(_SIBLINGS.search, selectors)) else KindsOfElements(sheets)


def _names(css: str) -> Iterator[str]:
    """The names of the attributes that selectors look at."""
    for selector in inliner.selectors(css):
        yield from _ATTRIBUTE.findall(selector)
        if "#" in selector:
            yield "id"
