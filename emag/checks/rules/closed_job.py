"""Rule `closed-job`: no job has closed, or is gone, by the day the issue is sent."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content import closing
from emag.content.story import Story

NAME = "closed-job"


def rule(proof: Proof) -> Iterator[Fault]:
    for pick in proof.issue.picks:
        story = pick.source or pick.story
        if reason := closing.reason(story, pick.closed, proof.send_day):
            yield Fault(NAME, "block", _message(story, reason), pick.story.title, pick.target)


def _message(story: Story, reason: str) -> str:
    if reason.startswith("closed on"):
        assert story.vacancy
        assert story.vacancy.closes
        day = f"{story.vacancy.closes.day} {story.vacancy.closes:%B}"
        return f"The job closes on {day}, before the issue is sent: drop it from the issue."
    return f"The job is {reason}. Drop it from the issue."
