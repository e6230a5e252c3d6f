"""Writes cleaned markup again: real pictures only, every address absolute, one line a block."""

import html
from collections.abc import Mapping
from html.parser import HTMLParser

from emag.content.sources.plain import absolute, picture
from emag.content.story import Picture

WIDEST = 600  # CSS pixels of the printed column
BLOCKS = frozenset(
    {"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "div"}
    | {"blockquote", "pre", "figure", "figcaption", "table", "tr"}
)
LAZY = ("src", "data-src", "data-image", "data-original", "data-lazy-src", "srcset", "data-srcset")


class Rebuild(HTMLParser):
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
        if tag in BLOCKS:
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
        if tag in BLOCKS:
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
        image = next(filter(None, (self._usable(name, attributes) for name in LAZY)), None)
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
