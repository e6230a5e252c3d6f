"""Rule `source-changed`: a source changed a text after an editor wrote their own instead.

Yours is printed. See whether it is still right, and keep it or go back to the source's.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.issues.words import of_source, spoken

NAME = "source-changed"
_LONGEST = 120  # characters of the source's new text in the sentence


def rule(proof: Proof) -> Iterator[Fault]:
    for pick in proof.issue.picks:
        for field in pick.changed:
            source = of_source(pick.source, field) if pick.source else ""
            text = source if len(source) <= _LONGEST else f"{source[:_LONGEST]}…"
            yield Fault(
                NAME,
                "warn",
                f"The source changed the {spoken(field)} after you wrote yours, to “{text}”: "
                "keep yours, or go back to the source’s.",
                pick.story.title,
                f"words {pick.candidate} {field.value}",
            )
