"""The settings of the look: a theme, and what differs from it."""

from typing import Literal

from pydantic import Field

from emag.settings.kinds import Colour, Name, TomlTable


class Theme(TomlTable):
    """The look of mails and pages: colours for light and dark mode, fonts, sizes and logo.

    Its defaults are those of the theme “noticeboard”. `emag doctor` checks the contrast.
    """

    name: Name = "noticeboard"  # a folder of templates/themes
    accent: Colour = "#0b5d4b"
    ink: Colour = "#1d2321"
    paper: Colour = "#ffffff"
    canvas: Colour = "#eef1ef"
    dark_accent: Colour | Literal[""] = "#6fd6b4"  # empty: a readable shade of the accent
    dark_ink: Colour = "#e8ecea"
    dark_paper: Colour = "#18201d"
    dark_canvas: Colour = "#0e1412"
    font: str = "'Helvetica Neue', Helvetica, Arial, sans-serif"
    heading_font: str = "Georgia, 'Times New Roman', serif"
    web_fonts: tuple[str, ...] = ()  # https addresses of style sheets
    scale: float = Field(default=1.0, ge=0.8, le=1.3)  # of titles
    radius: int = Field(default=4, ge=0, le=24)  # pixels, of buttons, panels and pictures
    width: int = Field(default=600, ge=480, le=720)  # pixels
    masthead: Literal["band", "plain", "centred"] = "band"
    band: Literal["masthead", "job", "write", "none"] = "masthead"  # the full accent band
    picture_ratio: Literal["4:3", "3:2", "1:1"] = "4:3"  # of the pictures beside stories
    logo: str = ""  # an absolute https address
    logo_dark: str = ""  # the logo for dark mode; empty: the logo on a light plate
    logo_width: int = Field(default=160, ge=16, le=600)
