"""Writes cleaned markup again: the article without its furniture, every address absolute."""

import html
import re
from collections.abc import Mapping
from typing import Self

from emag.content.prose import embed
from emag.content.prose.block import Block, BlockKind
from emag.content.prose.byline import byline
from emag.content.prose.furniture import is_furniture_class
from emag.content.sources.plain import absolute, picture
from emag.content.story import Picture

WIDEST = 600  # CSS pixels of the printed column
BLOCKS = frozenset(
    {"p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "div"}
    | {"blockquote", "pre", "figure", "figcaption", "table", "tr"}
)
FRAMES = frozenset({"iframe", "audio", "video"})
LAYOUT = frozenset({"section", "article", "main", "header", "details", "summary", "center"})
ASIDES = frozenset({"nav", "aside", "footer", "form", "button", "menu", "dialog"})
_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "th"), BlockKind.HEADING),
    "li": BlockKind.ITEM,
    **dict.fromkeys(("figcaption", "caption"), BlockKind.CAPTION),
    "blockquote": BlockKind.QUOTE,
    **dict.fromkeys(("pre", "dt", "details"), BlockKind.OTHER),
}
_BREAKS = BLOCKS | LAYOUT | {"h1"}
_VOID = frozenset({"br", "hr", "img"})
_NUMBER = re.compile(r"[\s\[(]*\d{1,3}[\s\])]*")  # of a footnote
_STRESS = frozenset({"em", "strong", "b", "i"})
_CAPTION = re.compile(
    r"(?:^|\s)(?:wp-caption-text|wp-element-caption|tr-caption|caption|image-caption\S*|caption-text"
    r"|(?:photo|image|picture|media)-?(?:credits?|caption)\S*|credits?|figcaption)(?=$|\s)"
)
# nh3 writes lower-case names, and every attribute in double quotes. What is no tag is text.
_TOKEN = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [^\s=>\"]+=\"[^\"]*\")*)/?>|[^<]+|<")
_ATTRIBUTE = re.compile(r"([^\s=]+)=\"([^\"]*)\"")
LAZY = ("src", "data-src", "data-image", "data-original", "data-lazy-src", "srcset", "data-srcset")


class Rebuild:
    """Writes cleaned markup again: h1 as h2, real pictures only, every address absolute.

    `furniture` keeps what stands beside the article, too.
    """

    def __init__(self, base: str, *, furniture: bool = False) -> None:
        self.base = base
        self.pieces: list[str] = []
        self.blocks: list[Block] = []
        self.pictures: list[Picture] = []
        self._furniture = furniture
        self._words: list[str] = []
        self._kinds: list[tuple[str, BlockKind]] = []
        self._skipped: list[str] = []  # the open elements inside one that is left out
        self._depth = 0  # of open blocks
        self._between = ""  # the last text, as it was written
        self._stress = False  # the block has begun with emphasis
        self._sup = 0  # where a superscript has begun
        self._note: int | None = None  # where a link to a place of the page has begun
        self._cells = 0
        self._breaks = 0  # line breaks since the last text; two make a paragraph
        self._in_link = False

    def read(self, markup: str) -> Self:
        """Reads what nh3 has cleaned: a general parser would take three times as long."""
        for token in _TOKEN.finditer(markup):
            is_end, tag, attributes = token.groups()
            if tag is None:
                self._text(token[0])
            elif is_end:
                self._end(tag)
            else:
                self._start(tag, attributes)
        self._end_block()
        return self

    def _start(self, tag: str, written: str) -> None:
        if self._skipped:
            if tag not in _VOID and self._skipped[0] != "iframe":
                self._skipped.append(tag)
            return
        attributes = {name: _unescaped(value) for name, value in _ATTRIBUTE.findall(written)}
        classes = f"{attributes.pop('class', '')} {attributes.pop('id', '')}".strip()
        if self._is_left_out(tag, classes, attributes):
            self._end_block()
            if tag not in _VOID:
                self._skipped.append(tag)
            return
        self._open_block(tag, classes)
        if tag == "img":
            self._image(attributes)
        elif tag == "a":
            self._link(attributes)
        elif tag not in LAYOUT:
            self._write("h2" if tag == "h1" else tag, attributes)

    def _end(self, tag: str) -> None:
        if self._skipped:
            if tag in self._skipped:
                while self._skipped.pop() != tag:
                    pass
            return
        if tag == "a":
            if self._note is not None and _NUMBER.fullmatch("".join(self._words[self._note :])):
                del self._words[self._note :]
            if self._in_link:
                self.pieces.append("</a>")
            self._in_link = False
            self._words.append("\1")
            return
        if tag == "sup":
            self._footnote()
        if tag not in LAYOUT:
            self.pieces.append("</h2>" if tag == "h1" else f"</{tag}>")
        self._close_block(tag)

    def _text(self, written: str) -> None:
        if self._skipped:
            return
        data = _unescaped(written)
        self.pieces.append(html.escape(data, quote=False))
        self._between = data if not data.strip() else ""
        if self._words and self._words[-1] == "\1":
            self._words.pop()
        self._words.append(data.replace("\n", " "))

    def _is_left_out(self, tag: str, classes: str, attributes: Mapping[str, str]) -> bool:
        """True for furniture, and for what the page embeds, which is named instead."""
        if tag in ASIDES:
            return not self._furniture
        name = embed.by_class(classes) if classes else ""
        address = ""
        if tag in FRAMES and not name:
            address = attributes.get("src") or attributes.get("data-src", "")
            name = embed.by_address(address) or ("" if tag == "iframe" else tag.capitalize())
        if name:
            self._embed(name, absolute(address, base=self.base))
        is_furniture = bool(classes) and not self._furniture and is_furniture_class(classes)
        return bool(name) or tag in FRAMES or is_furniture

    def _embed(self, name: str, address: str) -> None:
        self._end_block()
        self.blocks.append(Block(name, BlockKind.EMBED))
        link = f'<a href="{html.escape(address)}">{name}</a>' if address else name
        self.pieces.append(f"<p>{link}</p>")

    @property
    def _is_loose(self) -> bool:
        """True where no paragraph is open: some systems set fields there, one a line."""
        return self._depth == 0

    def _open_block(self, tag: str, classes: str) -> None:
        if tag in _BREAKS:
            self._depth += tag not in _VOID
            self._end_block()
            self._breaks = self._breaks + 1 if tag == "br" else 2
        elif tag == "span" and self._is_loose and "\n" in self._between:
            self._end_block()
            self._breaks = 1
        elif tag == "a" and self._words and self._words[-1] == "\1":
            self._words.append(" ")  # two links that touch
        kind = BlockKind.CAPTION if classes and _CAPTION.search(classes) else _KINDS.get(tag)
        if kind and tag not in _VOID:
            self._kinds.append((tag, kind))
        if tag == "sup":
            self._sup = len(self._words)
        elif tag in _STRESS and not any(map(str.strip, self._words)):
            self._stress = True

    def _footnote(self) -> None:
        """Takes the number of a footnote out of the text."""
        text = "".join(self._words[self._sup :])
        if "\1" in text and text.strip(" []()\1*†").isdigit():
            del self._words[self._sup :]

    def _close_block(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._words.append(" ")
            self._cells += 1
        if tag in _BREAKS:
            self._depth -= tag not in _VOID
            self._end_block(BlockKind.OTHER if tag == "tr" and self._cells > 1 else None)
            self._breaks = 2
            self._cells = 0 if tag == "tr" else self._cells
        elif tag in _STRESS and self._stress:
            self._stress = False
            if byline("".join(self._words).strip()):
                self._end_block()
        if self._kinds and self._kinds[-1][0] == tag:
            self._kinds.pop()

    def _end_block(self, kind: BlockKind | None = None) -> None:
        text = " ".join("".join(self._words).replace("\1", "").split())
        self._words.clear()
        self._stress = False
        if text:
            kinds = [kind for _, kind in self._kinds]
            inner = kinds[-1] if kinds else BlockKind.PARAGRAPH
            after_break = self._breaks == 1 and bool(self.blocks)
            self.blocks.append(Block(text, kind or inner, after_break=after_break))
            self._breaks = 0

    def _link(self, attributes: dict[str, str]) -> None:
        """Writes a link. One without a usable address loses its tags and keeps its text."""
        written = attributes.get("href", "")
        self._note = len(self._words) if "#" in written else None
        attributes["href"] = absolute(written, base=self.base)
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


def _unescaped(text: str) -> str:
    return html.unescape(text) if "&" in text else text


def _fitted(image: Picture) -> dict[str, str]:
    """Width and height that fit the column; only the width where the height is unknown."""
    if not image.width:
        return {"width": str(WIDEST)}
    width = min(image.width, WIDEST)
    height = round(image.height * width / image.width)
    return {"width": str(width), **({"height": str(height)} if height else {})}
