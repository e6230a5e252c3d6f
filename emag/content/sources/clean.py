"""Makes untrusted HTML and text safe: an allow-list, absolute addresses, pictures with a size."""

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

import nh3

from emag.content.story import LONGEST_LINK, Picture

LONGEST_BODY = 100_000  # characters; a newsletter never prints more
LONGEST_TITLE = 300
LONGEST_SUMMARY = 400
WIDEST = 600  # CSS pixels of the printed column
DEEPEST = 100  # elements inside each other; parsing time grows with the square of the depth

_BLOCKS = frozenset(
    {"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "div"}
    | {"blockquote", "pre", "figure", "figcaption", "table", "tr"}
)
_TAGS = _BLOCKS | {
    *("code", "em", "strong", "b", "i", "u", "s", "del", "ins", "sub", "sup", "small", "abbr"),
    *("cite", "q", "a", "img", "thead", "tbody", "tfoot", "th", "td", "caption", "span"),
}
_REMOVED_WITH_CONTENT = {
    *("script", "style", "iframe", "object", "embed", "applet", "noscript", "template", "title"),
    *("textarea", "select", "button", "canvas", "audio", "video", "svg", "math", "head"),
    *("noembed", "noframes", "xmp", "plaintext", "frameset"),
}
_LAZY = ("src", "data-src", "data-image", "data-original", "data-lazy-src", "srcset", "data-srcset")
_IMAGE = {*_LAZY, "alt", "width", "height", "data-image-dimensions"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}

# First pass: makes the markup well-formed and safe, and keeps h1 and lazy pictures.
_ROUGH = nh3.Cleaner(
    tags={*_TAGS, "h1"},
    clean_content_tags=_REMOVED_WITH_CONTENT,
    attributes={**_ATTRIBUTES, "img": _IMAGE},
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
    """A body made safe: its HTML, its text with one line a block, its pictures in order."""

    html: str = ""
    text: str = ""
    pictures: tuple[Picture, ...] = ()


def clean(markup: str, *, base: str) -> Cleaned:
    """Cleans a body. Relative addresses in it are relative to `base`."""
    rough = _ROUGH.clean(_shallow(_printable(markup[:LONGEST_BODY])))
    rebuild = _Rebuild(base)
    rebuild.feed(rough)
    rebuild.close()
    return Cleaned(
        html=_FINE.clean("".join(rebuild.pieces)).strip(),
        text=_paragraphs("".join(rebuild.words)),
        pictures=tuple(rebuild.pictures),
    )


def line(text: str, *, limit: int = LONGEST_TITLE) -> str:
    """Plain text on one line without control characters, at most `limit` characters long."""
    return shorten(" ".join(_printable(text[: limit * 20]).split()), limit=limit)


def text_of(markup: str, *, limit: int = LONGEST_TITLE) -> str:
    """The text of a piece of HTML, on one line."""
    return line(clean(markup, base="").text, limit=limit)


def from_plain(text: str) -> str:
    """Plain text as HTML: an empty line ends a paragraph, any other line end is a break."""
    paragraphs = re.split(r"\n\s*\n", html.escape(_printable(text[:LONGEST_BODY])).strip())
    return "".join(f"<p>{p.strip().replace(chr(10), '<br>')}</p>" for p in paragraphs if p.strip())


def shorten(text: str, *, limit: int = LONGEST_SUMMARY) -> str:
    """At most `limit` characters, cut between words. An ellipsis marks the cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    start = head.rpartition(" ")[0] if " " in head[limit // 2 :] else head
    return start.rstrip(" ,;:.–—-") + "…"


def picture(
    address: str, *, base: str, alt: str = "", width: str = "", height: str = ""
) -> Picture | None:
    """A usable picture; None for trackers, data: addresses and anything but https."""
    url = absolute(address, base=base)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return None
    size = _pixels(width), _pixels(height)
    if set(size) & {1, 2} or len(url) > LONGEST_LINK:  # a tracking pixel
        return None
    return Picture(url, line(alt), *size)


def absolute(address: str, *, base: str) -> str:
    """The address resolved against `base`; empty if it cannot be made absolute."""
    bare = "".join(_printable(address).split()) if "\n" in address else _printable(address).strip()
    if not bare:
        return ""
    try:
        joined = urljoin(base, bare)
        parts = urlsplit(joined)
    except ValueError:
        return ""
    if parts.scheme == "mailto" or (parts.scheme in {"http", "https"} and parts.netloc):
        return joined.replace(" ", "%20")
    return ""


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def _pixels(value: str | None) -> int:
    digits = re.match(r"\s*(\d{1,5})(?![\d.%])", value or "")
    return int(digits[1]) if digits else 0


_DIRECTION = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF, 0xFFFE, 0xFFFF}


def _printable(text: str) -> str:
    """The text without control characters, lone surrogates and marks of writing direction."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_harmless(char) for char in text)


def _harmless(char: str) -> str:
    if char in "\n\t":
        return char
    if ord(char) in _DIRECTION:
        return ""
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return "" if category == "Cs" else char


_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^>]*>?")
# Elements that hold nothing, or that the next of their kind closes.
_FLAT = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "wbr", "source"}
    | {"p", "li", "dt", "dd", "tr", "td", "th", "option"}
)


def _shallow(markup: str) -> str:
    """Removes tags below the deepest level and keeps their text."""
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


def _paragraphs(text: str) -> str:
    lines = (" ".join(part.split()) for part in text.split("\n"))
    return "\n".join(part for part in lines if part)


class _Rebuild(HTMLParser):
    """Writes cleaned markup again: h1 as h2, real pictures only, every address absolute."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.base = base
        self.pieces: list[str] = []
        self.words: list[str] = []
        self.pictures: list[Picture] = []
        self._in_link = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag in _BLOCKS:
            self.words.append("\n")
        if tag == "img":
            self._image(attributes)
        elif tag == "a":
            self._link(attributes)
        else:
            self._write("h2" if tag == "h1" else tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            if self._in_link:
                self.pieces.append("</a>")
            self._in_link = False
            return
        self.pieces.append("</h2>" if tag == "h1" else f"</{tag}>")
        if tag in _BLOCKS:
            self.words.append("\n")
        elif tag in {"td", "th"}:
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        self.pieces.append(html.escape(data, quote=False))
        self.words.append(data.replace("\n", " "))

    def _link(self, attributes: dict[str, str]) -> None:
        """Writes a link. One without a usable address loses its tags and keeps its text."""
        attributes["href"] = absolute(attributes.get("href", ""), base=self.base)
        self._in_link = bool(attributes["href"])
        if self._in_link:
            self._write("a", attributes)

    def _image(self, attributes: Mapping[str, str]) -> None:
        image = next(filter(None, (self._usable(name, attributes) for name in _LAZY)), None)
        if image:
            self.pictures.append(image)
            self._write("img", {"src": image.url, "alt": image.alt, **_fitted(image)})

    def _usable(self, name: str, attributes: Mapping[str, str]) -> Picture | None:
        address = attributes.get(name, "").strip()
        if not address:
            return None
        if name.endswith("srcset"):
            address = address.split()[0].rstrip(",")
        width, x, height = attributes.get("data-image-dimensions", "").partition("x")
        if not x:
            width, height = attributes.get("width", ""), attributes.get("height", "")
        return picture(
            address, base=self.base, alt=attributes.get("alt", ""), width=width, height=height
        )

    def _write(self, tag: str, attributes: Mapping[str, str]) -> None:
        written = "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items())
        self.pieces.append(f"<{tag}{written}>")


def _fitted(image: Picture) -> dict[str, str]:
    """Width and height that fit the column; only the width where the height is unknown."""
    if not image.width:
        return {"width": str(WIDEST)}
    width = min(image.width, WIDEST)
    height = round(image.height * width / image.width)
    return {"width": str(width), **({"height": str(height)} if height else {})}
