"""Rule `closed-job`: no job is closed and no event cancelled, withdrawn or past at the send.

It blocks a job whose closing date or time passes before the issue is sent, one whose page is gone
(HTTP 404 or 410) or says that it was filled, and an event that is cancelled, withdrawn or over.
Drop the story, or correct the date at its source and gather again. What closes between the
approval and the sending is found at the send: see `[jobs] closed`.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content import closing

NAME = "closed-job"


def rule(proof: Proof) -> Iterator[Fault]:
    for pick in proof.issue.picks:
        story = pick.source or pick.story
        if reason := closing.reason(story, pick.closed, proof.leaves_at):
            yield Fault(NAME, "block", _message(reason), pick.story.title, pick.target)


def _message(reason: str) -> str:
    if reason.startswith("closed on"):
        last = reason.removeprefix("closed on ")
        return f"The job closes on {last}, before the issue is sent: drop it from the issue."
    if reason == closing.CANCELLED:
        return "The event is cancelled. Drop it from the issue."
    if reason in {closing.WITHDRAWN, closing.UNANNOUNCED}:
        return f"The event is {reason}. Drop it from the issue."
    if reason.startswith(closing.PAST):
        day = reason.removeprefix(closing.PAST).strip()
        return f"The event takes place on {day}, before the issue is sent: drop it from the issue."
    return f"The job is {reason}. Drop it from the issue."
