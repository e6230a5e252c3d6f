"""Fields of a header, a delivery status or a feedback report: “Name: value”, folded or not."""

import re
from collections.abc import Iterable, Iterator
from email.errors import HeaderParseError
from email.header import decode_header

_FIELD = re.compile(r"([!-9;-~]{1,60})[ \t]*:[ \t]*(.*)")
_MOST = 500  # fields of one block
_LONGEST = 4_000  # characters of one value

Pairs = list[tuple[str, str]]


class Fields:
    """A block of fields; names compare in lower case, and may come more than once."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs: Pairs = list(pairs)

    def get(self, name: str) -> str:
        """The first value, or nothing."""
        return next((value for key, value in self.pairs if key == name), "")

    def all(self, *names: str) -> list[str]:
        return [value for key, value in self.pairs if key in names]

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def __bool__(self) -> bool:
        return bool(self.pairs)


def parse(lines: Iterable[str]) -> Fields:
    """Fields of one block; a line that is none is passed over."""
    pairs: Pairs = []
    for line in lines:
        if line[:1] in {" ", "\t"} and pairs:
            name, value = pairs[-1]
            if len(value) < _LONGEST:
                pairs[-1] = (name, f"{value} {line.strip()}"[:_LONGEST])
        elif (match := _FIELD.match(line)) and len(pairs) < _MOST:
            pairs.append((match[1].lower(), match[2].strip()[:_LONGEST]))
    return Fields(pairs)


def blocks(text: str) -> Iterator[Fields]:
    """The blocks of a delivery status, which blank lines part."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            lines.append(line)
        elif lines:
            if found := parse(lines):
                yield found
            lines = []


def is_field(line: str) -> bool:
    return bool(_FIELD.match(line))


def decoded(value: str) -> str:
    """Encoded words (RFC 2047) as text; what cannot be decoded stays as it is."""
    if "=?" not in value:
        return value
    try:
        pieces = decode_header(value[:_LONGEST])
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "latin-1", "replace")
            for piece, charset in pieces
        )
    except (HeaderParseError, LookupError, ValueError):
        return value
