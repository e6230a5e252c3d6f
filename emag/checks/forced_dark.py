"""Turns the colours of a mail dark, as Outlook on the web and on phones does, and marks them.

Outlook turns round the lightness of each colour in an attribute, between white and its own dark
ground. It marks the element with `data-ogsc` or `data-ogsb`, so that a mail can name colours of its
own for such elements.
"""

from collections.abc import Sequence

from lxml.html import HtmlElement

from emag.checks.css import Colour, colour, entries

GROUND, INK = "#333333", "#ffffff"  # what Outlook makes of white and of black
_GROUND_LIGHTNESS = 21.247  # of the ground, in CIELAB
_WHITE_POINT = (0.95047, 1.0, 1.08883)  # D65
_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_FROM_XYZ = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
_OF_STYLES = {
    "color": "data-ogsc",
    "background": "data-ogsb",
    "background-color": "data-ogsb",
}
_OF_ATTRIBUTES = {"color": "data-ogac", "bgcolor": "data-ogab"}


def turn_dark(element: HtmlElement) -> None:
    """Turns the colours of one element, and marks it with its own colours."""
    style = []
    for name, value in entries(element.get("style") or ""):
        turned_value = _turned_value(value) if name in _OF_STYLES else value
        if turned_value != value:
            element.set(_OF_STYLES[name], value)
        style.append(f"{name}:{turned_value}")
    if style:
        element.set("style", ";".join(style))
    for name, hook in _OF_ATTRIBUTES.items():
        if value := element.get(name):
            element.set(hook, value)
            element.set(name, _turned_value(value))


def turned(value: Colour) -> Colour:
    """The colour with its lightness turned round: white becomes the ground, black white."""
    lightness, *hue = _to_lab(value[:3])
    share = (100 - _GROUND_LIGHTNESS) / 100
    red, green, blue = _from_lab(((100 - lightness) * share + _GROUND_LIGHTNESS, *hue))
    return red, green, blue, value[3]


def _turned_value(value: str) -> str:
    plain, mark, importance = value.partition("!")
    words = [plain.strip()] if "(" in plain else plain.split()
    return " ".join([*map(_turned_word, words), *([mark + importance] if mark else [])])


def _turned_word(word: str) -> str:
    rgba = colour(word.lower())
    if rgba is None or rgba[3] == 0:
        return word
    red, green, blue, opacity = turned(rgba)
    if opacity == 1:
        return f"#{red:02x}{green:02x}{blue:02x}"
    return f"rgba({red}, {green}, {blue}, {opacity:.3g})"


def _to_lab(channels: Sequence[float]) -> tuple[float, float, float]:
    linear = [_linear(channel / 255) for channel in channels]
    x, y, z = (
        _root(value / white)
        for value, white in zip(_times(_TO_XYZ, linear), _WHITE_POINT, strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _from_lab(lab: Sequence[float]) -> tuple[int, int, int]:
    y = (lab[0] + 16) / 116
    roots = (y + lab[1] / 500, y, y - lab[2] / 200)
    xyz = [_power(root) * white for root, white in zip(roots, _WHITE_POINT, strict=True)]
    red, green, blue = (_channel(value) for value in _times(_FROM_XYZ, xyz))
    return red, green, blue


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _root(value: float) -> float:
    return float(value ** (1 / 3)) if value > (6 / 29) ** 3 else value * (29 / 6) ** 2 / 3 + 4 / 29


def _power(root: float) -> float:
    return root**3 if root > 6 / 29 else 3 * (6 / 29) ** 2 * (root - 4 / 29)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - the sRGB transfer curve


def _channel(linear: float) -> int:
    """The channel of an sRGB colour, from 0 to 255; what no screen shows is cut."""
    value = min(1.0, max(0.0, linear))
    curve = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055  # noqa: PLR2004 - the sRGB transfer curve
    return round(curve * 255)
