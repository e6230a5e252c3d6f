"""Rule `alt`: every picture has an alt attribute (WCAG 1.1.1), and a story's picture has words."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues.issue import Pick
from emag.issues.words import Field

NAME = "alt"


def rule(proof: Proof) -> Iterator[Fault]:
    for image in proof.html_part.images:
        target = proof.target_of_picture(image.src, Field.ALT)
        where = image.src or f"line {image.line}"
        if image.alt is None:
            yield Fault(
                NAME,
                "block",
                "A picture has no alt text, so a screen reader reads out its address: "
                "add an alt attribute (an empty one for a decoration).",
                where,
                target,
            )
    bare = {proof.target_of_picture(i.src, Field.ALT) for i in proof.html_part.images if not i.alt}
    for pick in proof.issue.picks:
        if f"words {pick.candidate} {Field.ALT.value}" in bare and Field.ALT not in pick.words:
            yield _undescribed(pick)


def _undescribed(pick: Pick) -> Fault:
    """The fault of a story whose source does not describe its picture."""
    return Fault(
        NAME,
        "warn",
        "Nobody has described the picture of this story, so readers who do not see it get "
        "nothing: write its alt text, or an empty one if it is only a decoration.",
        pick.story.title,
        f"words {pick.candidate} {Field.ALT.value}",
    )
