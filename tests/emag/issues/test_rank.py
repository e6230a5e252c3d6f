"""Order keys: there is always room, and each story has a key of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emag.issues.rank import between, evenly


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 2**31 - 1)), max_size=120))
def test_a_story_fits_in_at_any_place(moves):
    keys = evenly(5)
    for place, mark in moves:
        place = min(place, len(keys))  # noqa: PLW2901
        before = keys[place - 1] if place else ""
        after = keys[place] if place < len(keys) else ""
        key = between(before, after, mark)
        assert before < key
        assert not after or key < after
        keys.insert(place, key)
    assert keys == sorted(set(keys))


@given(st.integers(0, 3000))
def test_a_new_section_has_keys_in_order(count):
    keys = evenly(count)
    assert keys == sorted(set(keys))
    assert len(keys) == count
    assert not keys or between("", keys[0], 1) < keys[0]


@given(st.integers(1, 2**31 - 1), st.integers(1, 2**31 - 1))
def test_two_stories_at_one_place_have_two_keys(one, other):
    low, high = evenly(2)
    assert (between(low, high, one) == between(low, high, other)) == (one == other)


def test_a_thousand_moves_to_the_top_stay_short():
    key = "i"
    for _ in range(1000):
        key = between("", key, 7)
    assert len(key) < 500


def test_an_order_that_is_none_is_refused():
    with pytest.raises(ValueError, match="does not come before"):
        between("b", "a", 1)
