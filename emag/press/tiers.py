"""Decides how large each post is printed: one lead, a few features, the rest in brief."""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from emag.content.story import Kind
from emag.issues.issue import Issue, Pick
from emag.issues.words import Field

FEATURES = 4  # posts with a picture beside them, in a whole issue


class Tier(StrEnum):
    """How large a post is printed."""

    LEAD = "lead"
    FEATURE = "feature"
    BRIEF = "brief"


def tiers(issue: Issue) -> Mapping[int, Tier]:
    """The tier of each post by its candidate. The editors' order stays as it is.

    The first post leads, and the next ones are features. A picture that an editor chose for a story
    is always printed, so such a story is a feature wherever it stands.
    """
    return dict(_sizes(issue))


def _sizes(issue: Issue) -> Iterator[tuple[int, Tier]]:
    features = 0
    for place, pick in enumerate(_posts(issue)):
        if place == 0:
            yield pick.candidate, Tier.LEAD
        elif features < FEATURES or _has_chosen_picture(pick):
            features += 1
            yield pick.candidate, Tier.FEATURE
        else:
            yield pick.candidate, Tier.BRIEF


def _posts(issue: Issue) -> Iterator[Pick]:
    return (pick for pick in issue.picks if pick.story.kind is Kind.POST)


def _has_chosen_picture(pick: Pick) -> bool:
    return Field.PICTURE in pick.words and pick.story.picture is not None
