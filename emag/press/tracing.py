"""Finds the line of a template that printed a piece of the output, to name it in an error."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

# Characters for private use: no template has them, and `clean` leaves them in no address or tag.
_MARK = re.compile("\ue000([0-9]+)\ue001")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}"


class Traced(Extension):
    """Marks the start of each line of a template, so that its output can be traced back."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        places: list[Place] = self.environment.places  # type: ignore[attr-defined]
        for token in stream:
            if token.type != "data":
                yield token
                continue
            file, lines = stream.filename or stream.name or "", token.value.split("\n")
            marked = []
            for number, line in enumerate(lines, token.lineno):
                marked.append(f"\ue000{len(places)}\ue001{line}")
                places.append(Place(file, number))
            yield Token(token.lineno, "data", "\n".join(marked))


def place(marked: str, places: list[Place], offset: int) -> Place | None:
    """The place of the template that printed what is at this offset of the clean output."""
    offsets, numbers, removed = [], [], 0
    for mark in _MARK.finditer(marked):
        offsets.append(mark.start() - removed)
        numbers.append(int(mark[1]))
        removed += len(mark[0])
    at = bisect_right(offsets, offset) - 1
    return places[numbers[at]] if at >= 0 else None
