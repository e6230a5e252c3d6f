"""Rule `headings`: the headings come in order, so that a screen reader can follow them.

The mail has one heading of the first level, none is empty, and no level is left out on the way
down (WCAG 1.3.1).
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof

NAME = "headings"
_ADVICE = "correct the template"


def rule(proof: Proof) -> Iterator[Fault]:
    headings = proof.html_part.headings
    tops = [heading for heading in headings if heading.level == 1]
    if not tops:
        sentence = f"The mail has no heading of the first level: {_ADVICE}."
        yield Fault(NAME, "warn", sentence, "HTML part")
    for heading in tops[1:]:
        sentence = f"The mail has a second heading of the first level: {_ADVICE}."
        yield Fault(NAME, "warn", sentence, heading.words or f"line {heading.line}")
    level = 0
    for heading in headings:
        where = heading.words or f"line {heading.line}"
        if not heading.words:
            yield Fault(NAME, "warn", f"A heading has no words: {_ADVICE}.", where)
        if level and heading.level > level + 1:
            yield Fault(
                NAME,
                "warn",
                f"A heading of level {heading.level} follows one of level {level}, so that a level "
                f"is left out: {_ADVICE}.",
                where,
            )
        level = heading.level
