"""Text is cut after a sentence, else after a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.content.prose.shortening import shorten


@given(st.text(max_size=400), st.integers(10, 200))
def test_shortened_text_is_within_the_limit_and_a_beginning(text, limit):
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == text or text.startswith(short.removesuffix("…"))


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("It rained. We went home and slept.", 12, "It rained."),
        ("It rained. We went home and slept.", 24, "It rained."),
        ("It rained. We went home and slept.", 33, "It rained. We went home and…"),
        ("The bells of St. Mary rang. Then they stopped.", 24, "The bells of St. Mary…"),
        ("Costs £3.50 a head, all told, they say", 20, "Costs £3.50 a head…"),
        ("Donaudampfschifffahrt", 10, "Donaudamp…"),
        ("As it is", 8, "As it is"),
    ],
)
def test_text_is_cut_at_a_sentence_else_at_a_word(text, limit, short):
    assert shorten(text, limit) == short
