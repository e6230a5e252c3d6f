"""Finds mistakes in CSS: what browsers and mail programs would skip without a word."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from emag.press.vocabulary import vocabulary
from emag.settings.kinds import nearest

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_PIECE = re.compile(
    r"""[{};]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\((?:[^()]|\([^()]*\))*\)|[^{};"'()]+|.""",
    re.DOTALL,
)
_DECLARATION = re.compile(r"\s*([-\w]+)\s*(:?)\s*(.*)", re.DOTALL)
_SECOND = re.compile(r"\n\s*[-a-z]+\s*:", re.IGNORECASE)
_NESTING = ("@media", "@supports", "@layer", "@container")


class CssMistake(NamedTuple):
    """A mistake with its place in the text."""

    offset: int
    problem: str


def mistakes(css: str) -> Iterator[CssMistake]:
    """Yields the mistakes of a style sheet."""
    sheet, start, words = _Sheet(), 0, ""
    for piece in _PIECE.finditer(_blanked(css)):
        if piece[0] in "{};":
            at = start + len(words) - len(words.lstrip()) if words.strip() else piece.start()
            yield from sheet.read(words.strip(), piece[0], at)
            words = ""
        else:
            start = start if words else piece.start()
            words += piece[0]
    yield from sheet.end(words.strip(), start)


class _Sheet:
    """Where the reader of a style sheet stands: in which rules, and whether those hold rules."""

    def __init__(self) -> None:
        self._open: list[tuple[int, bool]] = []

    def read(self, words: str, mark: str, at: int) -> Iterator[CssMistake]:
        """Reads the words before one of { } and ;."""
        if mark == "{":
            yield from self._begin(words, at)
            return
        if words:
            yield from self._statement(words, at)
        if mark == "}" and not self._open:
            yield CssMistake(at, "there is a } too many: remove it")
        elif mark == "}":
            self._open.pop()

    def end(self, words: str, at: int) -> Iterator[CssMistake]:
        if self._open:
            yield CssMistake(self._open[-1][0], "a { is never closed: add a }")
        elif words:
            yield from self._statement(words, at)

    def _begin(self, words: str, at: int) -> Iterator[CssMistake]:
        if not words:
            yield CssMistake(at, "a rule has no selector: write one before {")
        elif not self._holds_rules:
            yield CssMistake(
                at, f"“{_short(words)}” begins inside another rule: add a }} before it"
            )
        self._open.append((at, words.startswith(_NESTING)))

    def _statement(self, words: str, at: int) -> Iterator[CssMistake]:
        if not self._holds_rules:
            yield from declaration(words, at)
        elif not words.startswith("@"):
            yield CssMistake(at, f"“{_short(words)}” belongs to no rule: add a selector")

    @property
    def _holds_rules(self) -> bool:
        return not self._open or self._open[-1][1]


def declarations(style: str, offset: int = 0) -> Iterator[CssMistake]:
    """Yields the mistakes of a style attribute, with `offset` added to their places."""
    start = 0
    for piece in re.split(r"(;)(?![^(]*\))", _blanked(style)):
        if piece.strip() and piece != ";":
            yield from declaration(piece.strip(), offset + start)
        start += len(piece)


def declaration(text: str, offset: int) -> Iterator[CssMistake]:
    """Yields the mistakes of one declaration, such as “color: red”."""
    if text.startswith("@"):
        return
    match = _DECLARATION.fullmatch(text)
    if match is None or not match[2] or not match[3].strip():
        yield CssMistake(offset, f"“{_short(text)}” is not a property with a value")
        return
    name = match[1].lower()
    if _SECOND.search(match[3]):
        yield CssMistake(offset, f"a ; is missing after “{_short(text)}”: add it")
    elif not name.startswith(("-", "mso-")) and name not in vocabulary().properties:
        hint = nearest(name, sorted(vocabulary().properties))
        yield CssMistake(offset, f"{name} is not a property of CSS{hint}")


def _blanked(css: str) -> str:
    """The text with spaces in place of comments, so that all offsets stay."""
    return _COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), css)


def _short(text: str) -> str:
    return " ".join(text.split())[:40]
