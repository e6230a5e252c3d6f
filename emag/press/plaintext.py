"""Formats the text part: wrapped lines, unbroken links, headings, lists."""

import re
import unicodedata
from html.parser import HTMLParser

WIDTH = 72
_TOKEN = re.compile(r"[\S\u00a0\u202f]+")  # French writes such a space before a colon
_LINK = re.compile(r"https?://|mailto:|\[\[")
# All characters outside of these ranges may be wider or narrower than one column.
_UNUSUAL = re.compile("[^\x00-\xac\xae-\u02ff\u2010-\u2027\u20a0-\u20bf]")
_BLOCKS = frozenset({"p", "ul", "ol", "blockquote"})


def columns(text: str) -> int:
    """Returns the width in a fixed-width font: wide characters take 2, combining marks 0."""
    if text.isascii():
        return len(text)
    return len(text) + sum(_columns(character) - 1 for character in _UNUSUAL.findall(text))


def wrap(text: str, indent: str = "", first: str | None = None, width: int = WIDTH) -> str:
    """Wraps `text` at `width` columns. A link is never broken, however long it is.

    `first`, such as a bullet, replaces `indent` on the first line. Line ends in `text` stay.
    """
    lead = indent if first is None else first
    lines: list[str] = []
    for paragraph in text.split("\n"):
        for line in _lines(paragraph, width - columns(indent)):
            lines.append((lead + line).rstrip())
            lead = indent
    return "\n".join(lines)


def heading(text: str, rule: str = "-") -> str:
    """Adds a rule below the heading, as wide as its longest line."""
    wrapped = wrap(text)
    return f"{wrapped}\n{rule * max(map(columns, wrapped.split(chr(10))))}" if wrapped else ""


def tidy(text: str) -> str:
    """Removes spaces at line ends and double empty lines; ends with one line end."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"


def from_html(markup: str) -> str:
    """Converts simple clean HTML (paragraphs, lists, quotes, links) to text without wrapping it."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.out))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    """Collects the text; adds a link's address in brackets unless it is the link's text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS and not (tag == "p" and self._after_bullet()):
            self.out.append("\n\n")
        if tag in {"ul", "ol"}:
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self.out.append(f"\n{self._bullet()} ")
        elif tag == "br":
            self.out.append("\n")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.out)))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        if tag in _BLOCKS:
            self.out.append("\n\n")
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            text = "".join(self.out[start:]).strip()
            if address and address.removeprefix("mailto:") != text:
                self.out.append(f" ({address.removeprefix('mailto:')})")

    def handle_data(self, data: str) -> None:
        self.out.append(re.sub(r"\s+", " ", data) if data.strip() else " " * (not self._at_start()))

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "*"
        self._lists[-1] += 1
        return f"{self._lists[-1]}."

    def _after_bullet(self) -> bool:
        return bool(self.out) and re.fullmatch(r"\n(\*|\d+\.) ", self.out[-1]) is not None

    def _at_start(self) -> bool:
        return not self.out or self.out[-1].endswith(("\n", " "))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _lines(paragraph: str, width: int) -> list[str]:
    words = _TOKEN.findall(paragraph)
    whole = " ".join(words)
    if columns(whole) <= width:
        return [whole]
    lines, line, used = [], "", 0
    for word in words:
        for piece in _pieces(word, width):
            size = columns(piece)
            if line and used + 1 + size > width:
                lines.append(line)
                line, used = "", 0
            line, used = (f"{line} {piece}", used + 1 + size) if line else (piece, size)
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    """Cuts a word wider than a line, such as a Chinese sentence; never cuts a link."""
    if columns(word) <= width or _LINK.search(word):
        return [word]
    pieces, piece, used = [], "", 0
    for character in word:
        size = _columns(character)
        if used + size > width:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + character, used + size
    return [*pieces, piece]
