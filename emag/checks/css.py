"""Reads CSS as mail programs do: rules with their selectors and media, declarations, colours."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

Declarations = dict[str, tuple[str, bool]]  # property: value, and whether it is !important
Colour = tuple[int, int, int, float]  # red, green, blue, opacity

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_COMPOUND = re.compile(r"([*\w-]*)((?:[.#][\w-]+|\[[^\]]*\]|::?[\w-]+(?:\([^)]*\))?)*)$")
_PART = re.compile(r"([.#])([\w-]+)|\[([^\]]*)\]|(::?[\w-]+)")
_ATTRIBUTE = re.compile(r"([\w-]+)\s*(?:([~|^$*]?=)\s*[\"']?(.*?)[\"']?)?$", re.DOTALL)
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$")
_FUNCTION = re.compile(r"rgba?\(([^)]*)\)$")
_NAMED = {
    "black": "000000",
    "white": "ffffff",
    "red": "ff0000",
    "green": "008000",
    "blue": "0000ff",
    "navy": "000080",
    "gray": "808080",
    "grey": "808080",
    "silver": "c0c0c0",
    "maroon": "800000",
    "purple": "800080",
    "teal": "008080",
    "yellow": "ffff00",
    "orange": "ffa500",
    "lime": "00ff00",
    "aqua": "00ffff",
    "lightgray": "d3d3d3",
    "lightgrey": "d3d3d3",
    "darkgray": "a9a9a9",
    "darkgrey": "a9a9a9",
    "whitesmoke": "f5f5f5",
    "dimgray": "696969",
    "dimgrey": "696969",
    "crimson": "dc143c",
}


@dataclass(frozen=True, slots=True)
class Compound:
    """One part of a selector, such as `td.ink[dir]`. `relation` joins it to the part before it."""

    relation: str  # " ", ">" or "" for the first
    tag: str
    identifier: str
    classes: frozenset[str]
    attributes: tuple[tuple[str, str, str], ...]  # name, operator, value
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class StyleRule:
    """The declarations of one selector. `media` is the query around it, in small letters."""

    selector: tuple[Compound, ...]
    declarations: Declarations
    media: str
    weight: tuple[int, int, int]


@lru_cache(maxsize=64)
def rules(css: str, media: str = "") -> tuple[StyleRule, ...]:
    """All rules of a style sheet, one for each selector that can be understood."""
    return tuple(_rules(without_comments(css), media))


def _rules(css: str, media: str) -> Iterator[StyleRule]:
    for prelude, body in blocks(css):
        if prelude.startswith("@media"):
            query = prelude.removeprefix("@media").strip().lower()
            yield from _rules(body, f"{media} {query}".strip())
        elif not prelude.startswith("@"):
            declarations = declared(body)
            for text in prelude.split(","):
                if selector := _selector(text.strip()):
                    yield StyleRule(selector, declarations, media, _weight(selector))


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """What stands before each pair of braces at the top, and what stands between them."""
    depth = start = opened = 0
    for match in re.finditer(r"[{};]", css):
        at, sign = match.start(), match[0]
        if sign == "{":
            opened = at if depth == 0 else opened
            depth += 1
        elif sign == "}" and depth:
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1 : at]
                start = at + 1
        elif depth == 0:
            start = at + 1


@lru_cache(maxsize=1024)
def declared(text: str) -> Declarations:
    """The declarations of a style attribute or of a rule; a later one counts."""
    result: Declarations = {}
    for name, value in entries(text):
        plain, mark, _ = value.lower().partition("!important")
        result[name] = plain.strip(), bool(mark)
    return result


def entries(text: str) -> Iterator[tuple[str, str]]:
    """The names and values of declarations in order; a value is as the author wrote it."""
    for entry in re.split(r";(?![^(]*\))", text):
        name, colon, value = entry.partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def without_comments(css: str) -> str:
    return _COMMENT.sub("", css)


@lru_cache(maxsize=256)
def colour(value: str) -> Colour | None:
    """The colour of a value; None for one that cannot be known."""
    value = _NAMED.get(value, value)
    if match := _HEX.match(value if value.startswith("#") else f"#{value}"):
        digits = match[1] if len(match[1]) > 4 else "".join(2 * digit for digit in match[1])  # noqa: PLR2004 - #rgb or #rgba
        red, green, blue, opacity = (int(digits[n : n + 2] or "ff", 16) for n in (0, 2, 4, 6))
        return red, green, blue, opacity / 255
    if value == "transparent":
        return 0, 0, 0, 0.0
    if match := _FUNCTION.match(value):
        return _mixed(re.split(r"[,/\s]+", match[1].strip()))
    return None


def _mixed(parts: Sequence[str]) -> Colour | None:
    try:
        numbers = [float(p[:-1]) * 2.55 if p.endswith("%") else float(p) for p in parts[:3]]
        opacity = parts[3] if len(parts) > 3 else "1"  # noqa: PLR2004 - red, green, blue, opacity
        alpha = float(opacity[:-1]) / 100 if opacity.endswith("%") else float(opacity)
        red, green, blue = (min(255, max(0, round(number))) for number in numbers)
    except ValueError:
        return None
    return red, green, blue, min(1.0, max(0.0, alpha))


def _selector(text: str) -> tuple[Compound, ...]:
    """The parts of a selector; none for one that is about a state, or is not understood."""
    parts: list[Compound] = []
    relation = ""
    for piece in re.sub(r"\s*>\s*", " > ", text).split():
        if piece == ">":
            relation = ">"
            continue
        compound = _compound(piece, relation if not parts or relation == ">" else " ")
        if compound is None:
            return ()
        parts.append(compound)
        relation = " "
    return tuple(parts)


def _compound(text: str, relation: str) -> Compound | None:
    match = _COMPOUND.match(text)
    if match is None:
        return None
    identifier, classes, attributes, is_root = "", set[str](), [], False
    for sign, name, attribute, state in _PART.findall(match[2]):
        if state:
            if state != ":root":
                return None
            is_root = True
        elif sign == "#":
            identifier = name
        elif sign == ".":
            classes.add(name)
        elif attr := _ATTRIBUTE.match(attribute.strip()):
            attributes.append((attr[1].lower(), attr[2] or "", attr[3] or ""))
    tag = match[1].lower().replace("*", "")
    return Compound(relation, tag, identifier, frozenset(classes), tuple(attributes), is_root)


def _weight(selector: tuple[Compound, ...]) -> tuple[int, int, int]:
    ids = sum(bool(part.identifier) for part in selector)
    middle = sum(len(part.classes) + len(part.attributes) + part.is_root for part in selector)
    return ids, middle, sum(bool(part.tag) for part in selector)
