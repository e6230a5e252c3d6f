"""Rule `page-gone`: the page of a story was there when emag last looked.

The page was asked when the issue was drafted. Open the link, and drop the story if it is gone.
`link-dead` asks again, and blocks.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.story import Kind

NAME = "page-gone"


def rule(proof: Proof) -> Iterator[Fault]:
    for pick in proof.issue.picks:
        if pick.closed and pick.story.kind is not Kind.JOB:
            yield Fault(
                NAME,
                "warn",
                "The page of this story is gone: its link leads readers nowhere.",
                pick.story.title,
                pick.target,
            )
