"""Rule `picture-heavy`: no picture of the mail weighs over 120 KB, nor all of them over 800 KB.

Readers on a train pay for each picture with time and money. emag makes each of its copies light, so
of these only the sum can be too large. Pictures that a mail shows where their sources keep them
(`[pictures] host = "source"`) are asked for their size; one whose site does not say it counts for
nothing. Print fewer stories with a picture, give a smaller picture, or let emag copy them.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.pictures.picture import HEAVIEST
from emag.issues.words import Field

NAME = "picture-heavy"
HEAVIEST_TOGETHER = 800_000  # bytes
_KILOBYTE = 1_000
_LONGEST = 160  # characters of an address


def rule(proof: Proof) -> Iterator[Fault]:
    weights = {image.src: _weight(proof, image.src) for image in proof.html_part.images}
    for src, weight in weights.items():
        if weight > HEAVIEST:
            yield Fault(
                NAME,
                "warn",
                f"A picture weighs {_written(weight)}, and a phone loads it slowly over "
                f"{_written(HEAVIEST)}: give the address of a smaller one.",
                src if len(src) <= _LONGEST else f"{src[:_LONGEST]}…",
                proof.target_of_picture(src, Field.PICTURE),
            )
    together = sum(weights.values())
    if together > HEAVIEST_TOGETHER:
        yield Fault(
            NAME,
            "warn",
            f"The {len(weights)} pictures weigh {_written(together)} together, over "
            f"{_written(HEAVIEST_TOGETHER)}: print fewer stories with a picture, or smaller ones.",
            "pictures",
            "",
        )


def _weight(proof: Proof, src: str) -> int:
    """The bytes of a picture, 0 where they are not known; one in the mail itself counts as well."""
    return len(src) if src.startswith("data:") else proof.record.weights.get(src, 0)


def _written(size: int) -> str:
    return f"{round(size / _KILOBYTE):,} KB"
