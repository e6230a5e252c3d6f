"""A small canvas of shapes with smooth edges, written out as PNG."""

import struct
import zlib
from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor, sqrt

Colour = tuple[int, int, int]
Span = tuple[float, float]
# What a shape covers at one height: spans of x, in order, not overlapping.
Shape = Callable[[float], Sequence[Span]]

_SUBROWS = (0.125, 0.375, 0.625, 0.875)  # an edge is smoothed over four lines within a row


def colour(text: str) -> Colour:
    """“#0b5d4b” as three numbers."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def between(first: Colour, second: Colour, share: float) -> Colour:
    """The colour at `share` (0 to 1) of the way from the first to the second."""
    r, g, b = (round(a + (z - a) * share) for a, z in zip(first, second, strict=True))
    return r, g, b


def circle(x: float, y: float, radius: float) -> Shape:
    def spans(at: float) -> Sequence[Span]:
        height = radius**2 - (at - y) ** 2
        return [(x - sqrt(height), x + sqrt(height))] if height > 0 else []

    return spans


def box(left: float, top: float, width: float, height: float, *, round_by: float = 0) -> Shape:
    def spans(at: float) -> Sequence[Span]:
        if not top <= at <= top + height:
            return []
        from_edge = min(at - top, top + height - at)
        inset = 0.0
        if from_edge < round_by:
            inset = round_by - sqrt(round_by**2 - (round_by - from_edge) ** 2)
        return [(left + inset, left + width - inset)]

    return spans


def ring(x: float, y: float, radius: float, width: float) -> Shape:
    outer, inner = circle(x, y, radius), circle(x, y, radius - width)

    def spans(at: float) -> Sequence[Span]:
        around, hole = outer(at), inner(at)
        if not around or not hole:
            return around
        return [(around[0][0], hole[0][0]), (hole[0][1], around[0][1])]

    return spans


def polygon(*points: tuple[float, float]) -> Shape:
    edges = list(zip(points, (*points[1:], points[0]), strict=True))

    def spans(at: float) -> Sequence[Span]:
        crossings = sorted(
            x0 + (at - y0) * (x1 - x0) / (y1 - y0)
            for (x0, y0), (x1, y1) in edges
            if min(y0, y1) <= at < max(y0, y1)
        )
        return list(zip(crossings[::2], crossings[1::2], strict=True))

    return spans


class Canvas:
    """Rows of red, green, blue. A fill costs time by its height and edges, not by its area."""

    def __init__(self, width: int, height: int, top: Colour, bottom: Colour) -> None:
        self.width, self.height = width, height
        self.rows = [
            bytearray(bytes(between(top, bottom, y / (height - 1))) * width) for y in range(height)
        ]

    def fill(self, shape: Shape, ink: Colour, *, alpha: float = 1.0) -> None:
        tables = [bytes(round(old + (new - old) * alpha) for old in range(256)) for new in ink]
        for y in range(self.height):
            lines = [shape(y + part) for part in _SUBROWS]
            for spans in _together(lines):
                self._row(self.rows[y], spans, ink, alpha, tables)

    def _row(
        self,
        row: bytearray,
        spans: Sequence[Span | None],
        ink: Colour,
        alpha: float,
        tables: Sequence[bytes],
    ) -> None:
        seen = [span for span in spans if span]
        start = max(0, floor(min(left for left, _ in seen)))
        end = min(self.width, ceil(max(right for _, right in seen)))
        full_from = full_to = end
        if len(seen) == len(spans):  # covered on all four lines: filled in one stroke
            full_from = max(start, ceil(max(left for left, _ in seen)))
            full_to = max(full_from, min(end, floor(min(right for _, right in seen))))
            for channel, table in enumerate(tables):
                cut = slice(full_from * 3 + channel, full_to * 3, 3)
                row[cut] = row[cut].translate(table)
        for x in (*range(start, min(full_from, end)), *range(full_to, end)):
            covered = sum(max(0.0, min(right, x + 1) - max(left, x)) for left, right in seen)
            share = alpha * covered / len(spans)
            for channel in range(3):
                old = row[x * 3 + channel]
                row[x * 3 + channel] = round(old + (ink[channel] - old) * share)

    def png(self) -> bytes:
        """The picture as a PNG file (https://www.w3.org/TR/png-3/), 8 bits a channel."""
        # Filter 2 (“up”): gradients become runs of one number, which deflate packs well.
        above = bytearray(self.width * 3)
        lines = bytearray()
        for row in self.rows:
            lines += b"\x02" + bytes((new - old) & 255 for new, old in zip(row, above, strict=True))
            above = row
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            _chunk(name, data)
            for name, data in (
                (b"IHDR", header),
                (b"IDAT", zlib.compress(bytes(lines), 9)),
                (b"IEND", b""),
            )
        )


def _together(lines: Iterable[Sequence[Span]]) -> list[list[Span | None]]:
    """The n-th span of every line belongs to one blob; a line without it gives None."""
    lines = list(lines)
    most = max(len(spans) for spans in lines)
    return [[spans[n] if n < len(spans) else None for spans in lines] for n in range(most)]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
