"""Reads the HTML part of a mail: its links, pictures, headings, words, styles and elements."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree, html
from lxml.html import HtmlElement

_WITHOUT_WORDS = frozenset({"style", "script", "title", "head"})
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_EMPTY = "<html><body></body></html>"


@dataclass(frozen=True, slots=True)
class Link:
    """A link. `words` holds its text and the alt texts of its pictures."""

    href: str
    words: str
    line: int
    is_silent: bool = False  # hidden from screen readers


@dataclass(frozen=True, slots=True)
class Image:
    """A picture. `alt` is None if the attribute is missing, "" for a decoration."""

    src: str
    alt: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    words: str
    line: int


@dataclass(frozen=True, slots=True)
class HtmlPart:
    """What the HTML part holds, without what stands in comments for Outlook.

    `words` is the text that readers see. `attributes` holds each style attribute with its element.
    """

    links: tuple[Link, ...]
    images: tuple[Image, ...]
    headings: tuple[Heading, ...] = ()
    words: str = ""
    styles: tuple[str, ...] = ()  # what the style elements hold
    attributes: tuple[tuple[str, str], ...] = ()  # the element's name and its style
    elements: frozenset[str] = frozenset()


@lru_cache(maxsize=64)  # an issue has up to 32 variants, one for each choice of topics
def read(markup: str) -> HtmlPart:
    """Reads the HTML part tolerantly, as mail programs do; the result is cached for all rules."""
    root = tree(markup)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    return HtmlPart(
        links=tuple(_link(e) for e in elements if e.tag == "a" and e.get("href") is not None),
        images=tuple(
            Image(e.get("src") or "", e.get("alt"), _line(e)) for e in elements if e.tag == "img"
        ),
        headings=tuple(
            Heading(_HEADINGS[e.tag], words_of(e), _line(e)) for e in elements if e.tag in _HEADINGS
        ),
        words=words_of(root, without_hidden=True),
        styles=tuple(e.text or "" for e in elements if e.tag == "style"),
        attributes=tuple({(e.tag, style): None for e in elements if (style := e.get("style"))}),
        elements=frozenset(e.tag for e in elements),
    )


def tree(markup: str) -> HtmlElement:
    """The elements of HTML, whatever faults it has."""
    parser = html.HTMLParser(encoding="utf-8")
    content = markup.replace("\0", "").encode("utf-8", "replace")
    try:
        return html.document_fromstring(content, parser=parser)
    except etree.ParserError:  # nothing but white space or comments
        return html.document_fromstring(_EMPTY)


def words_of(element: HtmlElement, *, without_hidden: bool = False) -> str:
    """The text in an element and the alt texts of its pictures, on one line."""
    return " ".join("".join(_texts(element, without_hidden=without_hidden)).split())


def _texts(element: HtmlElement, *, without_hidden: bool) -> Iterator[str]:
    is_shown = isinstance(element.tag, str) and element.tag not in _WITHOUT_WORDS
    if is_shown and not (without_hidden and "display:none" in _packed(element.get("style"))):
        if element.tag == "img":
            yield element.get("alt") or ""
        yield element.text or ""
        for child in element:
            yield from _texts(child, without_hidden=without_hidden)
            yield child.tail or ""
            if without_hidden:
                yield " " if child.tag in _BREAKING else ""


_BREAKING = frozenset(
    {"p", "div", "td", "th", "tr", "table", "li", "ul", "ol", "br", "h1", "h2", "h3", "h4", "img"}
)


def _packed(style: str | None) -> str:
    return (style or "").replace(" ", "").lower()


def _link(element: HtmlElement) -> Link:
    is_silent = element.get("aria-hidden") == "true"
    href = (element.get("href") or "").strip()
    return Link(href, words_of(element), _line(element), is_silent)


def _line(element: HtmlElement) -> int:
    return int(element.sourceline or 0)
