"""Finds the text of a mail with its colours: what it is written in, and what it stands on."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

from emag.checks.cascade import Cascade, Node, Scheme, has_dark, sheets
from emag.checks.css import Colour, colour
from emag.checks.html_part import tree
from emag.press.colour import READABLE, contrast

READABLE_LARGE = 3.0  # WCAG 1.4.3: from 24 pixels, or 18.66 in bold
_LARGE, _LARGE_BOLD = 24.0, 18.66
_BOLD = 600
_PROPERTIES = frozenset(
    {
        *("color", "background", "background-color", "background-image", "display", "visibility"),
        *("opacity", "font-size", "font-weight", "max-height"),
    }
)
_WITHOUT_WORDS = frozenset({"head", "style", "script", "title", "img"})
_BOLD_TAGS = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_SIZE = re.compile(r"([\d.]+)(px|pt|em|rem|%)")
_LINK_BLUE: Colour = (0, 0, 238, 1.0)
_WHITE, _BLACK = (255, 255, 255, 1.0), (0, 0, 0, 1.0)


@dataclass(frozen=True, slots=True)
class ColouredText:
    """A text whose colour is hard to read. Colours are written like #1d2321."""

    words: str
    scheme: Scheme
    colour: str
    background: str
    contrast: float
    needed: float


@dataclass(frozen=True, slots=True)
class _Ink:
    """How the text of an element looks. `surface` is None above a picture."""

    colour: Colour | None
    surface: Colour | None
    size: float = 16.0
    is_bold: bool = False
    is_hidden: bool = False


@lru_cache(maxsize=16)
def hard_to_read(markup: str) -> tuple[ColouredText, ...]:
    """The first text of each pair of colours that stand out too little from each other."""
    root = tree(markup)
    styles = sheets(root)
    schemes = [Scheme.LIGHT, Scheme.DARK] if has_dark(styles) else [Scheme.LIGHT]
    nodes = _nodes(root)
    return tuple(
        text
        for scheme in schemes
        for text in _of_scheme(nodes, Cascade(styles, scheme, _PROPERTIES), scheme)
    )


def _nodes(root: HtmlElement) -> list[tuple[HtmlElement, Node]]:
    """All elements in order, each with its parent's node known before its own."""
    nodes: dict[HtmlElement, Node] = {}
    for element in root.iter(etree.Element):
        nodes[element] = Node(element, nodes.get(element.getparent()))
    return list(nodes.items())


def _of_scheme(
    nodes: list[tuple[HtmlElement, Node]], cascade: Cascade, scheme: Scheme
) -> Iterator[ColouredText]:
    # Programs have their own colours in dark, so nothing is known there until the mail says it.
    start = _Ink(_BLACK, _WHITE) if scheme is Scheme.LIGHT else _Ink(None, None)
    link = _LINK_BLUE if scheme is Scheme.LIGHT else None
    inks: dict[Node | None, _Ink] = {None: start}
    pairs = set[tuple[object, ...]]()
    for element, node in nodes:
        ink = inks[node] = _ink(node, cascade.of(node), inks[node.parent], link)
        if ink.is_hidden or ink.colour is None or ink.surface is None:
            continue
        pair = (ink.colour, ink.surface, _is_large(ink))
        if pair in pairs or not (words := _own_words(element)):
            continue
        pairs.add(pair)
        needed = READABLE_LARGE if _is_large(ink) else READABLE
        text_colour, surface = _hex(_over(ink.colour, ink.surface)), _hex(ink.surface)
        if (ratio := contrast(text_colour, surface)) < needed:
            yield ColouredText(words, scheme, text_colour, surface, ratio, needed)


def _ink(node: Node, style: Mapping[str, str], around: _Ink, link: Colour | None) -> _Ink:
    is_hidden = around.is_hidden or node.tag in _WITHOUT_WORDS or _hides(style)
    text = around.colour
    if node.tag == "a" and "href" in node.attributes:
        text = link
    if (value := style.get("color", "inherit")) not in {"inherit", "currentcolor"}:
        text = colour(value)
    size = _size(style.get("font-size", ""), around.size)
    is_bold = node.tag in _BOLD_TAGS or around.is_bold
    if weight := style.get("font-weight", ""):
        is_bold = weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= _BOLD)
    return _Ink(text, _surface(style, around.surface), size, is_bold, is_hidden)


def _surface(style: Mapping[str, str], around: Colour | None) -> Colour | None:
    """The background's colour; None where a picture may lie under the text."""
    shorthand = style.get("background", "")
    colours = [c for word in shorthand.split() if (c := colour(word))]
    colour_here = colour(style.get("background-color", "")) or (colours[0] if colours else None)
    if colour_here and colour_here[3] == 1.0:
        return colour_here
    if "url(" in shorthand or "gradient" in shorthand or "background-image" in style:
        return None
    return _over(colour_here, around) if colour_here and around else around


def _hides(style: Mapping[str, str]) -> bool:
    return (
        style.get("display") == "none"
        or style.get("visibility") == "hidden"
        or style.get("opacity", "1") in {"0", "0.0"}
        or style.get("max-height", "") in {"0", "0px"}
    )


def _size(value: str, around: float) -> float:
    match = _SIZE.match(value)
    if match is None:
        return 0.0 if value == "0" else around
    number = float(match[1])
    units = {"px": 1.0, "pt": 4 / 3, "em": around, "rem": 16.0, "%": around / 100}
    return number * units[match[2]]


def _is_large(ink: _Ink) -> bool:
    return ink.size >= _LARGE or (ink.is_bold and ink.size >= _LARGE_BOLD)


def _own_words(element: HtmlElement) -> str:
    """The text of an element itself, if a reader can read it: dots and blanks are decoration."""
    pieces = [element.text or "", *(child.tail or "" for child in element)]
    words = " ".join("".join(pieces).split())
    return words if any(character.isalnum() for character in words) else ""


def _over(upper: Colour, lower: Colour) -> Colour:
    share = upper[3]
    channels = zip(upper[:3], lower[:3], strict=True)
    red, green, blue = (round(above * share + below * (1 - share)) for above, below in channels)
    return red, green, blue, 1.0


def _hex(value: Colour) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in value[:3])
