"""Colour arithmetic: mixes two colours, measures contrast, finds the nearest readable shade."""

from collections.abc import Sequence

READABLE = 4.5  # WCAG 2.2 AA for body text: https://www.w3.org/TR/WCAG22/#contrast-minimum
BLACK, WHITE = "#000000", "#ffffff"
_STEPS = 40


def mix(first: str, second: str, share: float) -> str:
    """Mixes `share` (0 to 1) of `second` into `first`; all colours are #rrggbb."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(first: str, second: str) -> float:
    """Returns the WCAG contrast ratio, from 1 (same colour) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def worst(colour: str, surfaces: Sequence[str]) -> float:
    """Returns the contrast of `colour` on the surface where it is hardest to read."""
    return min(contrast(colour, surface) for surface in surfaces)


def readable(colour: str, *surfaces: str, minimum: float = READABLE) -> str:
    """Returns `colour`, or its nearest shade with at least `minimum` contrast on all `surfaces`.

    A single surface always has such a shade: black or white reaches 4.58 on any colour.
    """
    for step in range(_STEPS + 1):
        for end in (BLACK, WHITE):
            shade = mix(colour, end, step / _STEPS)
            if worst(shade, surfaces) >= minimum:
                return shade
    return max((BLACK, WHITE), key=lambda end: worst(end, surfaces))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - the sRGB transfer curve
