"""Rule `past`: the send time is in the future, or the schedule does not send the issue.

An issue whose time has passed is not sent by the timetable. Approve it for another time, or send it
by hand.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues.period import in_words

NAME = "past"


def rule(proof: Proof) -> Iterator[Fault]:
    due = proof.issue.send_at
    if due and due < proof.now:
        when = in_words(due, proof.settings.publication.zone)
        yield Fault(
            NAME,
            "warn",
            f"The send time {when} has passed: approve it for another time, or send it by hand.",
            "send time",
            "time",
        )
