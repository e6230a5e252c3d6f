"""What is done with a story that a source hands over."""

import pytest

from emag.content.pool import Intent, Known, belongs_to, judge
from emag.content.story import Kind, Story

STORY = Story("posts", Kind.POST, "https://example.org/a", "A title")


@pytest.mark.parametrize(
    ("known", "intent"),
    [(None, Intent.ADMIT), (STORY.fingerprint, Intent.IGNORE), ("other", Intent.REFRESH)],
)
def test_a_story_is_judged_by_how_it_looked(known, intent):
    assert judge(known, STORY) is intent


@pytest.mark.parametrize(
    ("owner", "active", "speaks"),
    [
        (None, {"posts"}, True),
        ("posts", {"posts"}, True),
        ("others", {"posts", "others"}, False),
        ("others", {"posts"}, True),  # its first source is no longer read
    ],
)
def test_the_first_source_keeps_a_story_while_it_is_read(owner, active, speaks):
    known = owner and Known(1, owner, "fingerprint")
    assert belongs_to(known, "posts", active=frozenset(active)) is speaks
