"""Rule `stories`: the issue has a story, or a note if it is special; `story-twice`: it is new."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues.issue import Pick

NAME = "stories"
TWICE = "story-twice"  # the desk applies it, because it needs the other issues


def rule(proof: Proof) -> Iterator[Fault]:
    issue = proof.issue
    if issue.picks or (issue.is_special and issue.note.strip()):
        return
    advice = "write a note or pick a story" if issue.is_special else "pick at least one"
    target = "note" if issue.is_special else ""
    yield Fault(NAME, "block", f"The issue has no story: {advice}.", "issue", target)


def twice(pick: Pick, other: int) -> Fault:
    """Returns the fault of a story that is in issue `other` too."""
    return Fault(
        TWICE,
        "block",
        f"The story is in issue {other} already: drop it from this one.",
        pick.story.title,
        pick.target,
    )
