"""Rule `subject`: one line that inboxes show in full and that names no absent story."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues import lines

NAME = "subject"
LONGEST = 120  # characters; inboxes show 40 to 90


_ADVICE = "write it again, or make it automatic again"


def rule(proof: Proof) -> Iterator[Fault]:
    yield from _form(proof.document.subject)
    for absence in lines.absences(proof.issue):
        line = absence.line
        yield Fault(NAME, "block", _sentence(absence), line, line)


def _sentence(absence: lines.Absence) -> str:
    title = f"The {absence.line} names “{absence.title}”"
    if absence.corrected:
        return f"{title}, which is “{absence.corrected}” now: {_ADVICE}."
    return f"{title}, which is not in the issue: {_ADVICE}."


def _form(subject: str) -> Iterator[Fault]:
    if not subject.strip():
        yield Fault(NAME, "block", "The issue has no subject: write one.", NAME, NAME)
    elif any(character < " " for character in subject):
        sentence = "The subject has a line break or a control character: write it on one line."
        yield Fault(NAME, "block", sentence, NAME, NAME)
    elif len(subject) > LONGEST:
        yield Fault(
            NAME,
            "warn",
            f"The subject has {len(subject)} characters and inboxes cut it off: shorten it to 90.",
            NAME,
            NAME,
        )
