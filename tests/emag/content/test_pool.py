"""What happens to a story that a source gives."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emag.content.pool import Intent, PooledStory, belongs_to, is_correction, judge
from emag.content.story import Kind, Story

DAY = datetime(2026, 3, 5, tzinfo=UTC)
STORY = Story("posts", Kind.POST, "https://example.org/a", "A title", published=DAY)


@pytest.mark.parametrize(
    ("fingerprint", "intent"),
    [(None, Intent.ADMIT), (STORY.fingerprint, Intent.IGNORE), ("other", Intent.REFRESH)],
)
def test_a_story_is_judged_by_how_it_looked(fingerprint, intent):
    pooled = fingerprint and PooledStory(1, "posts", fingerprint)
    assert judge(pooled, STORY) is intent


@pytest.mark.parametrize(
    ("owner", "active", "may_change"),
    [
        (None, {"posts"}, True),
        ("posts", {"posts"}, True),
        ("others", {"posts", "others"}, False),
        ("others", {"posts"}, True),  # its first source is no longer read
    ],
)
def test_the_first_source_keeps_a_story_while_it_is_read(owner, active, may_change):
    pooled = owner and PooledStory(1, owner, "fingerprint")
    assert belongs_to(pooled, "posts", active=frozenset(active)) is may_change


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"link": "https://example.org/b"}, True),
        ({"link": "https://example.org/b", "published": DAY + timedelta(days=9)}, True),
        ({"title": "Another title"}, True),
        ({"title": "Another title", "published": None}, True),
        ({"title": "Another title", "published": DAY + timedelta(days=9)}, False),
    ],
)
def test_a_guid_that_is_used_again_is_no_correction(changes, expected):
    assert is_correction(STORY, replace(STORY, **changes)) is expected
