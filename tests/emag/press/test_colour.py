"""Contrast as WCAG counts it, and shades that can be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.press.colour import contrast, mix, readable, worst

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [
        ("#000000", "#ffffff", 21),
        ("#ffffff", "#ffffff", 1),
        ("#767676", "#ffffff", 4.54),
        ("#0000ff", "#ffffff", 8.59),
    ],
)
def test_contrast_is_that_of_wcag(first, second, ratio):
    assert contrast(first, second) == pytest.approx(ratio, abs=0.01)
    assert contrast(second, first) == contrast(first, second)


def test_mixing_runs_from_one_colour_to_the_other():
    assert mix("#000000", "#ff8040", 0) == "#000000"
    assert mix("#000000", "#ff8040", 1) == "#ff8040"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


@given(COLOURS, COLOURS)
def test_every_surface_has_a_readable_colour(colour, surface):
    assert contrast(readable(colour, surface), surface) >= 4.5


@given(COLOURS, COLOURS)
def test_a_colour_that_reads_is_left_alone(colour, surface):
    if contrast(colour, surface) >= 4.5:
        assert readable(colour, surface) == colour


def test_the_nearest_shade_is_used():
    yellow = readable("#ffcc00", "#ffffff")
    red, green, blue = (int(yellow[n : n + 2], 16) for n in (1, 3, 5))
    assert red > green > blue  # still a kind of yellow
    assert 4.5 <= contrast(yellow, "#ffffff") < 5.5


def test_black_or_white_is_used_if_nothing_reads_on_both():
    surfaces = ("#000000", "#444444", "#888888")
    assert readable("#777777", *surfaces) == "#ffffff"
    assert worst("#ffffff", surfaces) < 4.5
