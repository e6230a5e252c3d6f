"""An issue whose time has passed is not sent by itself."""

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
            f"The issue was due on {when}: approve it with --send-at, or send it by hand.",
            "send time",
        )
