"""Rule `alt`: every picture has an alt attribute (WCAG 1.1.1)."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues.words import Field

NAME = "alt"


def rule(proof: Proof) -> Iterator[Fault]:
    for image in proof.html_part.images:
        if image.alt is None:
            yield Fault(
                NAME,
                "block",
                "A picture has no alt text, so a screen reader reads out its address: "
                "add an alt attribute (an empty one for a decoration).",
                image.src or f"line {image.line}",
                proof.target_of_picture(image.src, Field.ALT),
            )
