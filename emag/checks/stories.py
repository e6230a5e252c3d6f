"""There is something to read."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "stories"
TWICE = "story-twice"  # looked up by the desk: it needs the other issues


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.issue.picks:
        yield Fault(NAME, "block", "The issue has no story: pick at least one.", "issue")


def twice(title: str, other: int) -> Fault:
    """A story that readers have, or are about to get, from another issue."""
    return Fault(
        TWICE,
        "block",
        f"The story is in issue {other} already: drop it from this one.",
        title,
    )
