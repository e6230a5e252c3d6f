"""Every picture says what it shows, or that it is a decoration."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "alt"


def rule(proof: Proof) -> Iterator[Fault]:
    for image in proof.page.images:
        if image.alt is None:
            yield Fault(
                NAME,
                "block",
                "A picture has no alt text, so a screen reader reads out its address: "
                "give it an alt attribute (an empty one if it is a decoration).",
                image.src or f"line {image.line}",
            )
