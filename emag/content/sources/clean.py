"""Makes untrusted HTML and text safe: an allow-list, absolute addresses, pictures with a size."""

import html
import re
from dataclasses import dataclass

import nh3

from emag.content.prose.block import Block
from emag.content.sources.plain import (
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    absolute,
    line,
    picture,
    printable,
)
from emag.content.sources.rebuild import ASIDES, BLOCKS, FRAMES, LAYOUT, LAZY, Rebuild
from emag.content.story import Picture

__all__ = [
    "LONGEST_SUMMARY",
    "LONGEST_TITLE",
    "Cleaned",
    "absolute",
    "blocks_of",
    "clean",
    "from_plain",
    "line",
    "picture",
    "printable",
    "text_of",
]

LONGEST_BODY = 100_000  # characters; a newsletter never prints more
DEEPEST = 100  # elements inside each other; parsing time grows with the square of the depth

_TAGS = BLOCKS | {
    *("code", "em", "strong", "b", "i", "u", "s", "del", "ins", "sub", "sup", "small", "abbr"),
    *("cite", "q", "a", "img", "thead", "tbody", "tfoot", "th", "td", "caption", "span"),
}
_REMOVED_WITH_CONTENT = {
    *("script", "style", "iframe", "object", "embed", "applet", "noscript", "template", "title"),
    *("textarea", "select", "button", "canvas", "audio", "video", "svg", "math", "head"),
    *("noembed", "noframes", "xmp", "plaintext", "frameset"),
}
_IMAGE = {*LAZY, "alt", "width", "height", "data-image-dimensions"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}

# First pass: makes the markup well-formed and safe, and keeps marks of furniture and lazy pictures.
_ROUGH = nh3.Cleaner(
    tags={*_TAGS, "h1"} | ASIDES | FRAMES | LAYOUT,
    clean_content_tags=_REMOVED_WITH_CONTENT - FRAMES - ASIDES,
    attributes={
        **_ATTRIBUTES,
        "*": {"class", "id"},
        "img": _IMAGE,
        "iframe": {"src", "data-src"},
        "audio": {"src"},
        "video": {"src"},
    },
    link_rel=None,
    url_relative="pass_through",
)
# Last pass: checks the markup in its final form.
_FINE = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_REMOVED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer",
    set_tag_attribute_values={"img": {"style": "max-width:100%;height:auto"}},
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A body made safe: its HTML, its blocks and its pictures in order."""

    html: str = ""
    blocks: tuple[Block, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def text(self) -> str:
        """The text, with one line a block."""
        return "\n".join(block.text for block in self.blocks)


def clean(markup: str, *, base: str) -> Cleaned:
    """Cleans a body, and leaves out its furniture. Relative addresses are relative to `base`."""
    rebuild = _rebuilt(markup, base)
    return Cleaned(
        html=_FINE.clean("".join(rebuild.pieces)).strip(),
        blocks=tuple(rebuild.blocks),
        pictures=tuple(rebuild.pictures),
    )


def blocks_of(markup: str) -> tuple[Block, ...]:
    """The text of a piece of HTML as blocks, without its furniture."""
    return tuple(_rebuilt(markup, "").blocks)


def _rebuilt(markup: str, base: str) -> Rebuild:
    """The markup read once. Where all of it looks like furniture, none of it is."""
    text = markup[:LONGEST_BODY]
    if _TWICE.match(text) and "&lt;/" in text:
        text = html.unescape(text)  # else readers would see the tags
    rough = _ROUGH.clean(_shallow(printable(text)))
    for furniture in (False, True):
        rebuild = Rebuild(base, furniture=furniture).read(rough)
        if rebuild.blocks or not rough.strip():
            break
    return rebuild


def text_of(markup: str, *, limit: int = LONGEST_TITLE) -> str:
    """The text of a piece of HTML, on one line."""
    if "<" not in markup and "&" not in markup:
        return line(markup, limit=limit)
    return line(" ".join(block.text for block in blocks_of(markup)), limit=limit)


def from_plain(text: str) -> str:
    """Plain text as HTML: an empty line ends a paragraph, any other line end is a break."""
    paragraphs = re.split(r"\n\s*\n", html.escape(printable(text[:LONGEST_BODY])).strip())
    return "".join(f"<p>{p.strip().replace(chr(10), '<br>')}</p>" for p in paragraphs if p.strip())


# HTML that begins with an escaped tag was escaped twice.
_TWICE = re.compile(
    r"\s*(?:<(?:p|div)>\s*)?&lt;(?:!--|(?:p|div|span|a|br|img|table|ul|ol|h[1-6]|figure|section"
    r"|article|blockquote|strong|em)(?:\s|/?&gt;))",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^>]*>?")
# Elements that hold nothing, or that the next of their kind closes.
_FLAT = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "wbr", "source"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "option"}
)


def _shallow(markup: str) -> str:
    """Removes tags below the deepest level and keeps their text."""
    if markup.count("<") <= DEEPEST:
        return markup
    depth = 0

    def keep(match: re.Match[str]) -> str:
        nonlocal depth
        if match[2].lower() in _FLAT:
            return match[0]
        if match[1]:
            depth = max(0, depth - 1)
            return match[0]
        depth += 1
        return match[0] if depth <= DEEPEST else ""

    return _TAG.sub(keep, markup)
