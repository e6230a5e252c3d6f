"""Rule `preheader`: the line beside the subject is there, short, new, and says something else.

Inboxes show it after the subject. Without one they show the first words of the mail, which are
the same in every issue. An automatic preheader has the next titles.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.inbox_line import remarks
from emag.checks.proof import Proof
from emag.checks.record import folded
from emag.issues.lines import LONGEST_PREHEADER

NAME = "preheader"
LONGEST = LONGEST_PREHEADER  # inboxes show 35 to 140


def rule(proof: Proof) -> Iterator[Fault]:
    for sentence in _problems(proof):
        yield Fault(NAME, "warn", sentence, NAME, NAME)


def _problems(proof: Proof) -> Iterator[str]:
    preheader, subject = proof.document.preheader.strip(), proof.document.subject
    if not preheader:
        if len(proof.issue.picks) > 1:
            yield "The issue has no preheader, so inboxes show its first words: write one."
        return
    if folded(preheader) == folded(subject):
        yield "The preheader is the subject again: write what the subject does not say."
    elif before := proof.record.lines.get(folded(preheader)):
        yield f"Issue {before} had this preheader already: write another one."
    yield from remarks(NAME, preheader, longest=LONGEST)
