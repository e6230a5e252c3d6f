"""Whatever colours are set, every text can be read, in light and in dark."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.press.colour import contrast
from emag.press.theme import adjusted, look
from emag.settings import Theme

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
KEYS = (
    "accent",
    "ink",
    "paper",
    "canvas",
    "dark_accent",
    "dark_ink",
    "dark_paper",
    "dark_canvas",
)
THEMES = st.fixed_dictionaries(dict.fromkeys(KEYS, COLOURS)).map(lambda keys: Theme(**keys))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_shipped_colours_read_and_are_printed_as_they_are(scheme):
    palette = getattr(look(Theme()), scheme)
    assert min(contrast(colour, surface) for _, colour, surface in palette.texts()) >= 4.5
    assert adjusted(Theme()) == []
    assert look(Theme()).light.link == Theme().accent
    assert look(Theme()).dark.ink == Theme().dark_ink


@given(THEMES)
def test_any_colours_give_readable_text(theme):
    for palette in (look(theme).light, look(theme).dark):
        for name, colour, surface in palette.texts():
            assert contrast(colour, surface) >= 4.5, name


def test_a_colour_that_cannot_be_read_is_named_once():
    (sentence,) = adjusted(Theme(accent="#ffcc00"))
    assert sentence.startswith("theme.accent #ffcc00 has a contrast of only 1.5 on #ffffff")


@given(st.text())
def test_a_font_can_end_neither_a_declaration_nor_an_attribute(font):
    stack = look(Theme(font=font)).font
    assert re.fullmatch(r"[\w ,.'-]+", stack, re.ASCII)
    assert stack.count("'") % 2 == 0
    assert "serif" in stack.lower() or "monospace" in stack.lower()


def test_a_font_keeps_its_name_and_gets_a_generic_one():
    assert look(Theme(font='"Gill Sans", Calibri')).font == "'Gill Sans', Calibri, sans-serif"
    assert look(Theme(heading_font="Georgia, serif")).heading_font == "Georgia, serif"


def test_only_a_web_address_is_a_logo():
    assert look(Theme(logo="javascript:alert(1)")).logo == ""
    assert look(Theme(logo="https://example.org/l.png")).logo == "https://example.org/l.png"
