"""Rule `subject`: the issue has a subject of one line that inboxes show in full."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "subject"
LONGEST = 120  # characters; inboxes show 40 to 90


def rule(proof: Proof) -> Iterator[Fault]:
    subject = proof.document.subject
    if not subject.strip():
        yield Fault(NAME, "block", "The issue has no subject: write one.", "subject")
    elif any(character < " " for character in subject):
        sentence = "The subject has a line break or a control character: write it on one line."
        yield Fault(NAME, "block", sentence, "subject")
    elif len(subject) > LONGEST:
        yield Fault(
            NAME,
            "warn",
            f"The subject has {len(subject)} characters and inboxes cut it off: shorten it to 90.",
            "subject",
        )
