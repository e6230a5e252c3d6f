"""Derives colours for light and dark, fonts and logo from the settings; all text is readable."""

import re
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from emag.press.colour import BLACK, READABLE, WHITE, contrast, mix, readable, worst
from emag.press.printable import web_link
from emag.settings import Theme

_FONT = re.compile(r"[^\w ,.'-]", re.ASCII)
_FALLBACK = re.compile(r"serif|sans-serif|monospace", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Palette:
    """All colours of one scheme, light or dark. Text has a contrast of at least 4.5 to 1."""

    canvas: str  # background of the page
    paper: str  # background of the content
    tint: str  # background of panels on the paper
    band: str  # background of the masthead and the job of the week
    bar: str  # short thick lines
    rule: str  # thin lines
    ink: str  # on paper and tint
    muted: str  # on paper and tint
    link: str  # on paper and tint
    band_ink: str
    band_soft: str
    band_rule: str
    button: str
    button_ink: str
    band_button: str
    band_button_ink: str
    foot_ink: str  # on the canvas
    foot_muted: str

    def texts(self) -> list[tuple[str, str, str]]:
        """Returns (name, colour, surface) for every text colour of this scheme."""
        sheet = [
            (name, getattr(self, name), surface)
            for name in ("ink", "muted", "link")
            for surface in (self.paper, self.tint)
        ]
        return [
            *sheet,
            ("band_ink", self.band_ink, self.band),
            ("band_soft", self.band_soft, self.band),
            ("button_ink", self.button_ink, self.button),
            ("band_button_ink", self.band_button_ink, self.band_button),
            ("foot_ink", self.foot_ink, self.canvas),
            ("foot_muted", self.foot_muted, self.canvas),
        ]


@dataclass(frozen=True, slots=True)
class Look:
    """The design values for templates. Fonts are safe in CSS and in attributes."""

    light: Palette
    dark: Palette
    font: Markup
    heading_font: Markup
    logo: str
    logo_width: int


@lru_cache(maxsize=32)
def look(theme: Theme) -> Look:
    """Derives all design values from the theme settings."""
    light = _palette(theme.accent, theme.ink, theme.paper, theme.canvas, band=theme.accent)
    # A large area in the accent colour is too bright in dark mode, so the band is tinted paper.
    dark = _palette(
        theme.dark_accent,
        theme.dark_ink,
        theme.dark_paper,
        theme.dark_canvas,
        band=mix(theme.dark_paper, theme.dark_accent, 0.2),
    )
    return Look(
        light=light,
        dark=dark,
        font=_font(theme.font, "sans-serif"),
        heading_font=_font(theme.heading_font, "serif"),
        logo=web_link(theme.logo),
        logo_width=theme.logo_width,
    )


def adjusted(theme: Theme) -> list[str]:
    """Returns a sentence for each colour of the settings that is replaced by a readable shade."""
    derived = look(theme)
    pairs = [
        ("ink", theme.ink, derived.light.ink, theme.paper),
        ("accent", theme.accent, derived.light.link, theme.paper),
        ("dark_ink", theme.dark_ink, derived.dark.ink, theme.dark_paper),
        ("dark_accent", theme.dark_accent, derived.dark.link, theme.dark_paper),
    ]
    return [
        f"theme.{name} {wanted} has a contrast of only {contrast(wanted, surface):.1f} on {surface}"
        f" ({READABLE} is needed): text is printed in {printed} in its place; choose another colour"
        for name, wanted, printed, surface in pairs
        if contrast(wanted, surface) < READABLE
    ]


def _palette(accent: str, ink: str, paper: str, canvas: str, *, band: str) -> Palette:
    tint = _panel(paper, accent)
    text = readable(ink, paper, tint)
    link = readable(accent, paper, tint)
    band_ink = _on(band, paper, ink)
    band_button = _on(band, paper, accent)
    foot = readable(ink, canvas)
    return Palette(
        canvas=canvas,
        paper=paper,
        tint=tint,
        band=band,
        bar=link,
        rule=mix(paper, text, 0.18),
        ink=text,
        muted=readable(mix(text, paper, 0.32), paper, tint),
        link=link,
        band_ink=band_ink,
        band_soft=readable(mix(band_ink, band, 0.2), band),
        band_rule=mix(band, band_ink, 0.35),
        button=link,
        button_ink=_on(link, paper, ink),
        band_button=band_button,
        band_button_ink=_on(band_button, accent, paper, ink),
        foot_ink=foot,
        foot_muted=readable(mix(foot, canvas, 0.3), canvas),
    )


def _panel(paper: str, accent: str) -> str:
    """Returns paper with 8% accent, or plain paper if no text colour is readable on both."""
    tint = mix(paper, accent, 0.08)
    possible = max(worst(end, (paper, tint)) for end in (BLACK, WHITE))
    return tint if possible >= READABLE else paper


def _on(surface: str, *colours: str) -> str:
    """Returns the first colour readable on `surface`, or a readable shade of the first colour."""
    for colour in colours:
        if contrast(colour, surface) >= READABLE:
            return colour
    return readable(colours[0], surface)


def _font(font: str, generic: str) -> Markup:
    """Returns a font stack that is safe in CSS and attributes and ends with a generic font."""
    stack = _FONT.sub("", font.replace('"', "'")).strip(" ,")
    if stack.count("'") % 2:
        stack = stack.replace("'", "")
    stack = stack if _FALLBACK.search(stack) else f"{stack}, {generic}".lstrip(", ")
    return Markup(stack)  # noqa: S704 - only letters, digits, spaces, commas, dots, hyphens and quotes
