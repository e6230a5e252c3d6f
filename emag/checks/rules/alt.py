"""Rule `alt`: a picture has words for readers who do not see it (WCAG 1.1.1).

It names each story whose picture nobody has described, though the mail prints it with an empty
alt text; each picture whose alt text is the name of a file, or repeats the title beside it, which
a screen reader then says twice; and each picture without an alt attribute. An editor who writes
an empty alt text says that the picture is only a decoration.
"""

import re
from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.html_part import Image
from emag.checks.proof import Proof
from emag.checks.record import folded
from emag.issues.issue import Pick
from emag.issues.words import Field

NAME = "alt"
_FILE = re.compile(
    r"\S+\.(jpe?g|png|gif|webp|svg|avif|bmp|tiff?)|(img|dsc[nf]?|image|photo|screenshot)[\s_-]?\d+",
    re.IGNORECASE,
)


def rule(proof: Proof) -> Iterator[Fault]:
    for image in proof.html_part.images:
        if image.alt is None:
            yield _fault(
                "A picture has no alt text, so a screen reader reads out its address: "
                "add an alt attribute (an empty one for a decoration).",
                image.src or f"line {image.line}",
                proof.target_of_picture(image.src, Field.ALT),
            )
    targets = [(i, proof.target_of_picture(i.src, Field.ALT)) for i in proof.html_part.images]
    for pick in proof.issue.picks:
        target = f"words {pick.candidate} {Field.ALT.value}"
        pictures = [image for image, of in targets if of == target]
        if pictures and (sentence := _problem(pick, pictures)):
            yield _fault(sentence, pick.story.title, target)


def _problem(pick: Pick, pictures: list[Image]) -> str:
    alt = pick.story.picture.alt if pick.story.picture else ""
    if not alt and Field.ALT not in pick.words:
        return (
            "Nobody has described the picture of this story, so readers who do not see it get "
            "nothing: write its alt text, or an empty one if it is only a decoration."
        )
    if _FILE.fullmatch(alt.strip()):
        return f"The alt text “{alt}” is the name of a file: say what the picture shows."
    is_spoken = any(folded(picture.alt or "") == folded(alt) for picture in pictures)
    if alt and is_spoken and folded(alt) == folded(pick.story.title):
        return (
            "The alt text repeats the title, so a screen reader says it twice: "
            "say what the picture shows, or leave it empty."
        )
    return ""


def _fault(sentence: str, where: str, target: str) -> Fault:
    return Fault(NAME, "warn", sentence, where, target)
