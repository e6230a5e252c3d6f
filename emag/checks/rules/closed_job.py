"""Rule `closed-job`: no job has closed by the day the issue is sent."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "closed-job"


def rule(proof: Proof) -> Iterator[Fault]:
    for pick in proof.issue.picks:
        vacancy = pick.story.vacancy
        if vacancy and vacancy.closes and vacancy.closed(proof.send_day):
            day = f"{vacancy.closes.day} {vacancy.closes:%B}"
            yield Fault(
                NAME,
                "block",
                f"The job closes on {day}, before the issue is sent: drop it from the issue.",
                pick.story.title,
            )
