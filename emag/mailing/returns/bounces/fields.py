"""Parses the fields of a header or a report: “Name: value”, folded or not."""

import re
from collections.abc import Iterable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header

from emag.mailing.returns.bounces.charsets import text_codec

_FIELD = re.compile(r"([!-9;-~]{1,60})[ \t]*:[ \t]*(.*)")
_MAX_FIELDS = 500  # of one block
_MAX_VALUE = 4_000  # characters

Pairs = list[tuple[str, str]]


class HeaderFields:
    """A block of fields. Names are in lower case, and may occur more than once."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: Pairs = list(pairs)

    def get(self, name: str) -> str:
        """The first value of a field, or “”."""
        return next((value for key, value in self.pairs if key == name), "")

    def all(self, *names: str) -> list[str]:
        """Every value of these fields, in order."""
        return [value for key, value in self.pairs if key in names]

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)


def parse(lines: Iterable[str]) -> HeaderFields:
    """The fields of one block; other lines are skipped."""
    pairs: Pairs = []
    for line in lines:
        if line[:1] in {" ", "\t"} and pairs:
            name, value = pairs[-1]
            if len(value) < _MAX_VALUE:
                pairs[-1] = (name, f"{value} {line.strip()}"[:_MAX_VALUE])
        elif (match := _FIELD.match(line)) and len(pairs) < _MAX_FIELDS:
            pairs.append((match[1].lower(), match[2].strip()[:_MAX_VALUE]))
    return HeaderFields(pairs)


def blocks(text: str) -> Iterator[HeaderFields]:
    """The blocks of fields in a text, separated by blank lines."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            if block := parse(lines):
                yield block
            lines = []


def is_field(line: str) -> bool:
    """True for a line like “Name: value”."""
    return bool(_FIELD.match(line))


def decoded(value: str) -> str:
    """A value with its encoded words (RFC 2047) decoded; unchanged where that is not possible."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value[:_MAX_VALUE])
        return "".join(
            piece
            if isinstance(piece, str)
            else piece.decode(text_codec(charset or "latin-1"), "replace")
            for piece, charset in pieces
        )
    except (HeaderParseError, LookupError, ValueError):
        return value
