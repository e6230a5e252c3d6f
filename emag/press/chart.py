"""Charts as SVG: no script, a title and a sentence for screen readers, light and dark.

They are laid out for a phone: 360 units wide, with letters of 13 units. A chart with a `name` is
part of a page: it brings no style of its own, and its ids begin with the name.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 360
_MARGIN, _LINE, _BAR = 12, 44, 14
_CHARACTER = 8.5  # units, the widest figure
_PLOT_TOP, _PLOT_HEIGHT, _AXIS = 74, 170, 44

# Colours with at least 3:1 against the paper (WCAG 2.2, 1.4.11), the text with at least 4.5:1.
_STYLE = (
    "svg{background:#fff;max-width:720px}"
    "text{font:13px system-ui,sans-serif;fill:#1d2733}.t{font-size:16px;font-weight:700}"
    ".s{fill:#4c5866}.g{stroke:#c9d1da}.a{fill:#1f5f99}.b{fill:#a8480f}"
    ".l{stroke:#1f5f99;fill:none;stroke-width:2.5;stroke-linejoin:round}"
    "@media(prefers-color-scheme:dark){svg{background:#14191f}text{fill:#eef2f6}.s{fill:#b4bfca}"
    ".g{stroke:#44505c}.a{fill:#7db8ee}.b{fill:#f0a06a}.l{stroke:#7db8ee}}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its label and the text of its value."""

    label: str
    value: int
    note: str = ""  # after the number


@dataclass(frozen=True, slots=True)
class Point:
    """One step of a curve: its level, and what came and went in it."""

    label: str
    level: int
    gained: int = 0
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a strip. `kind` is its class."""

    kind: str
    value: int


def bars(title: str, sentence: str, values: Sequence[Bar], *, name: str = "") -> str:
    """Draws horizontal bars, one below the other."""
    largest = max([bar.value for bar in values], default=0) or 1
    height = 52 + _LINE * len(values)
    return _svg(title, sentence, height, _bars(values, largest), name=name)


def strip(sentence: str, segments: Sequence[Segment]) -> str:
    """Draws one bar of segments beside each other, for a page. Its style comes from the page."""
    total = sum(segment.value for segment in segments) or 1
    rects, left = [], 0.0
    for segment in segments:
        width = WIDTH * segment.value / total
        if segment.value:
            place = f'x="{left:.2f}" width="{width:.2f}" height="10"'
            rects.append(f'<rect class="{segment.kind}" {place}/>')
        left += width
    return (
        f'<svg class="strip" viewBox="0 0 {WIDTH} 10" width="100%" height="14" role="img" '
        f'preserveAspectRatio="none" aria-label="{escape(sentence)}">{"".join(rects)}</svg>'
    )


def _bars(values: Sequence[Bar], largest: int) -> Iterator[str]:
    room = WIDTH - 2 * _MARGIN
    for place, bar in enumerate(values):
        top = 52 + _LINE * place
        number = f"{bar.value:,}{f' · {bar.note}' if bar.note else ''}"
        yield _text(_MARGIN, top + 13, _short(bar.label, 44 - len(number)))
        yield _text(WIDTH - _MARGIN, top + 13, number, anchor="end")
        width = max(room * bar.value / largest, 1 if bar.value else 0)
        yield f'<rect class="a" x="{_MARGIN}" y="{top + 19}" width="{width:.1f}" height="{_BAR}"/>'


def curve(
    title: str,
    sentence: str,
    points: Sequence[Point],
    *,
    gained: str,
    lost: str,
    name: str = "",
) -> str:
    """Draws the level as a line, and what came and went as bars below it.

    `gained` and `lost` are the words for the legend.
    """
    height = _PLOT_TOP + _PLOT_HEIGHT + _AXIS + 110
    return _svg(title, sentence, height, _curve(points, gained, lost), name=name)


def _curve(points: Sequence[Point], gained: str, lost: str) -> Iterator[str]:
    levels = [point.level for point in points]
    top, bottom = _scale(min(levels, default=0), max(levels, default=0))
    left = 16 + _CHARACTER * len(f"{top:,}")  # the numbers of the scale stand before the curve
    step = (WIDTH - left - _MARGIN) / max(len(points), 1)
    middles = [left + step * (place + 0.5) for place in range(len(points))]

    def y(level: int) -> float:
        return _PLOT_TOP + _PLOT_HEIGHT * (top - level) / (top - bottom)

    for level in (top, bottom):
        yield f'<path class="g" d="M{left} {y(level):.1f}H{WIDTH - _MARGIN}"/>'
        yield _text(left - 6, y(level) + 4, f"{level:,}", kind="s", anchor="end")
    path = "L".join(
        f"{x:.1f} {y(point.level):.1f}" for x, point in zip(middles, points, strict=True)
    )
    yield f'<path class="l" d="M{path}"/>' if points else ""
    if points:
        yield f'<circle class="a" cx="{middles[-1]:.1f}" cy="{y(levels[-1]):.1f}" r="4"/>'
    yield from _labels(points, middles)
    yield from _flows(points, middles, step)
    foot = _PLOT_TOP + _PLOT_HEIGHT + _AXIS + 98
    yield f'<rect class="a" x="{_MARGIN}" y="{foot - 10}" width="10" height="10"/>'
    yield _text(_MARGIN + 16, foot, gained)
    yield f'<rect class="b" x="{WIDTH / 2}" y="{foot - 10}" width="10" height="10"/>'
    yield _text(WIDTH / 2 + 16, foot, lost)


def _scale(low: int, high: int) -> tuple[int, int]:
    """A top and a bottom with some room, on round numbers."""
    room = max(high - low, 4)
    unit = 10 ** max(int(math.log10(room)), 0)
    return (high // unit + 1) * unit, max((low // unit) * unit - (low < 0), 0)


def _labels(points: Sequence[Point], middles: Sequence[float]) -> Iterator[str]:
    """Labels below the line: the first, the last, and as many between as there is room for."""
    every = max(math.ceil(len(points) / 4), 1)
    for place, (point, x) in enumerate(zip(points, middles, strict=True)):
        if (len(points) - 1 - place) % every == 0:
            is_last = place == len(points) - 1 > 0
            at, anchor = (WIDTH - _MARGIN, "end") if is_last else (x, "middle")
            yield _text(at, _PLOT_TOP + _PLOT_HEIGHT + 20, point.label, kind="s", anchor=anchor)


def _flows(points: Sequence[Point], middles: Sequence[float], step: float) -> Iterator[str]:
    """What came above a line, what went below it."""
    zero, most = _PLOT_TOP + _PLOT_HEIGHT + _AXIS + 32, 34
    largest = max([max(point.gained, point.lost) for point in points], default=0) or 1
    width = min(step * 0.7, 24)
    yield f'<path class="g" d="M{_MARGIN} {zero}H{WIDTH - _MARGIN}"/>'
    for point, x in zip(points, middles, strict=True):
        for kind, value, sign in (("a", point.gained, -1), ("b", point.lost, 0)):
            size = most * value / largest
            top = zero + sign * size
            yield (
                f'<rect class="{kind}" x="{x - width / 2:.1f}" y="{top:.1f}" '
                f'width="{width:.1f}" height="{size:.1f}"/>'
            )


def _svg(title: str, sentence: str, height: float, parts: Iterator[str], *, name: str = "") -> str:
    prefix = f"{name}-" if name else ""
    style = ' class="chart"' if name else ""
    return (
        f'<svg{style} xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="100%" role="img" aria-labelledby="{prefix}title {prefix}desc">'
        f'<title id="{prefix}title">{escape(title)}</title>'
        f'<desc id="{prefix}desc">{escape(sentence)}</desc>'
        + ("" if name else f"<style>{_STYLE}</style>")
        + _text(_MARGIN, 30, _short(title, 32), kind="t")
        + "".join(parts)
        + "</svg>\n"
    )


def _text(x: float, y: float, text: str, *, kind: str = "", anchor: str = "start") -> str:
    style = f' class="{kind}"' if kind else ""
    at = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f"<text{style} {at}>{escape(text)}</text>"


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
