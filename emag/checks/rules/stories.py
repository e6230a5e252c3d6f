"""Rule `stories`: the issue has a story; rule `story-twice`: none was in another issue."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "stories"
TWICE = "story-twice"  # the desk applies it, because it needs the other issues


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.issue.picks:
        yield Fault(NAME, "block", "The issue has no story: pick at least one.", "issue")


def twice(title: str, other: int) -> Fault:
    """Returns the fault of a story that is in issue `other` too."""
    return Fault(
        TWICE,
        "block",
        f"The story is in issue {other} already: drop it from this one.",
        title,
    )
