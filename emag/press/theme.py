"""Derives colours for light and dark, fonts and logo from the settings; all text is readable."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from emag.press.colour import BLACK, READABLE, WHITE, contrast, mix, readable, worst
from emag.press.fonts import for_word, safe_stack
from emag.press.printable import web_link
from emag.settings import Theme

GUTTER = 24  # pixels beside the text, which a phone of 320 pixels can afford
GAP = 24  # between a picture and the text beside it
_PICTURE = 0.42  # the share of the text's width that a picture beside it takes
# Title sizes in pixels at scale 1. A section's label has the same size at every scale.
_SIZES = {"lead": 34, "week": 27, "feature": 21, "brief": 17, "label": 21, "name": 24}
_LESS = 0.8  # a long title is printed in this share of the size
_SMALLEST = 16


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
class TitleSize:
    """The size of a title in pixels: on a wide screen, on a phone, and for long titles of each."""

    wide: int
    phone: int
    less: int
    phone_less: int


@dataclass(frozen=True, slots=True)
class Look:
    """The design values for templates. Fonts and addresses are safe in CSS and in attributes."""

    name: str
    light: Palette
    dark: Palette
    font: Markup
    heading_font: Markup
    word_font: Markup  # without the web fonts, for Outlook
    word_heading_font: Markup
    web_fonts: tuple[str, ...]
    sizes: Mapping[str, TitleSize]
    radius: int
    width: int
    gutter: int
    gap: int
    picture_width: int
    masthead: str
    band: str
    logo: str
    logo_dark: str
    logo_width: int

    @property
    def text_width(self) -> int:
        return self.width - 2 * self.gutter

    @property
    def side_width(self) -> int:
        """The width of the text beside a picture."""
        return self.text_width - self.picture_width - self.gap


@lru_cache(maxsize=32)
def look(theme: Theme) -> Look:
    """Derives all design values from the theme settings."""
    light = _palette(theme.accent, theme.ink, theme.paper, theme.canvas, band=theme.accent)
    # A large area in the accent colour is too bright in dark mode, so the band is tinted paper.
    accent = dark_accent(theme)
    band = mix(theme.dark_paper, accent, 0.2)
    dark = _palette(accent, theme.dark_ink, theme.dark_paper, theme.dark_canvas, band=band)
    return Look(
        name=theme.name,
        light=light,
        dark=dark,
        font=safe_stack(theme.font, "sans-serif"),
        heading_font=safe_stack(theme.heading_font, "serif"),
        word_font=for_word(theme.font, "sans-serif"),
        word_heading_font=for_word(theme.heading_font, "serif"),
        web_fonts=tuple(filter(None, map(web_link, theme.web_fonts))),
        sizes={name: _title_size(size, name, theme.scale) for name, size in _SIZES.items()},
        radius=theme.radius,
        width=theme.width,
        gutter=GUTTER,
        gap=GAP,
        picture_width=round((theme.width - 2 * GUTTER - GAP) * _PICTURE),
        masthead=theme.masthead,
        band=theme.band,
        logo=web_link(theme.logo),
        logo_dark=web_link(theme.logo_dark),
        logo_width=theme.logo_width,
    )


def dark_accent(theme: Theme) -> str:
    """The accent in dark mode: the setting's, or a readable shade of the accent."""
    return theme.dark_accent or readable(theme.accent, theme.dark_paper)


def as_printed(theme: Theme) -> Theme:
    """The settings as a form shows them, with the accent that is printed in dark mode."""
    return theme.model_copy(update={"dark_accent": dark_accent(theme)})


def _title_size(size: int, name: str, scale: float) -> TitleSize:
    wide = size if name == "label" else max(_SMALLEST, round(size * scale))
    phone = max(_SMALLEST, min(wide, round(14 + wide * 0.42))) if wide > 21 else wide  # noqa: PLR2004 - smaller titles fit a phone as they are
    return TitleSize(
        wide, phone, max(_SMALLEST, round(wide * _LESS)), max(_SMALLEST, round(phone * _LESS))
    )


def adjusted(theme: Theme) -> list[str]:
    """Returns a sentence for each colour of the settings that is replaced by a readable shade."""
    derived = look(theme)
    pairs = [
        ("ink", theme.ink, derived.light.ink, theme.paper),
        ("accent", theme.accent, derived.light.link, theme.paper),
        ("dark_ink", theme.dark_ink, derived.dark.ink, theme.dark_paper),
        ("dark_accent", dark_accent(theme), derived.dark.link, theme.dark_paper),
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
