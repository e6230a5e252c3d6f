"""Rule `stories`: the issue has a story, or a note if it is special; `story-twice`: it is new.

An issue without any story should hardly leave, and a special edition without a story and a note
cannot. `story-twice` blocks a story that another issue has
already, and nobody can let it pass: drop it from one of them.
"""

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
    if issue.is_special:
        sentence = "The issue is empty: write a note or pick a story."
        yield Fault(NAME, "block", sentence, "issue", "note")
    else:
        yield Fault(NAME, "warn", "The issue has no story: pick at least one.", "issue")


def twice(pick: Pick, other: int) -> Fault:
    """Returns the fault of a story that is in issue `other` too."""
    return Fault(
        TWICE,
        "block",
        f"The story is in issue {other} already: drop it from this one.",
        pick.story.title,
        pick.target,
    )
