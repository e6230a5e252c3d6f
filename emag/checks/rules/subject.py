"""Rule `subject`: one line that inboxes show in full and that names no absent story.

It blocks where the subject or the preheader names a story that is not in the issue, or no longer
under that title. It warns of a subject that is missing, too long, shouting, or has an emoji, and
of one that a recent issue had already. An automatic subject follows the stories, so writing it
again or making it automatic again mends all of these.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.inbox_line import remarks
from emag.checks.proof import Proof
from emag.checks.record import folded
from emag.issues import lines

NAME = "subject"
LONGEST = 120  # characters; inboxes show 40 to 90
_ADVICE = "write it again, or make it automatic again"


def rule(proof: Proof) -> Iterator[Fault]:
    subject = proof.document.subject
    for sentence in _problems(subject):
        yield Fault(NAME, "warn", sentence, NAME, NAME)
    if before := proof.record.lines.get(folded(subject)):
        sentence = f"Issue {before} had this subject already: write another one."
        yield Fault(NAME, "warn", sentence, NAME, NAME)
    for absence in lines.absences(proof.issue):
        line = absence.line
        yield Fault(NAME, "block", _sentence(absence), line, line)


def _problems(subject: str) -> Iterator[str]:
    if not subject.strip():
        yield "The issue has no subject: write one."
    if any(character < " " for character in subject):
        yield "The subject has a line break or a control character: write it on one line."
    yield from remarks(NAME, subject, longest=LONGEST)


def _sentence(absence: lines.Absence) -> str:
    title = f"The {absence.line} names “{absence.title}”"
    if absence.corrected:
        return f"{title}, which is “{absence.corrected}” now: {_ADVICE}."
    return f"{title}, which is not in the issue: {_ADVICE}."
