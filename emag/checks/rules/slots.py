"""Rule `slots`: every slot in the document is one that is filled when it is sent.

A slot such as `[[unsubscribe_url]]` is filled for each reader. One that emag does not know would be
printed as it stands: remove it from the template.
"""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.press.document import EDITION, SLOT

NAME = "slots"
FILLED = frozenset({"[[greeting]]", "[[unsubscribe_url]]", "[[preferences_url]]", EDITION})


def rule(proof: Proof) -> Iterator[Fault]:
    document = proof.document
    parts = {
        "subject": document.subject,
        "preheader": document.preheader,
        "HTML part": document.html,
        "text part": document.text,
    }
    for part, text in parts.items():
        for slot in sorted({match[0] for match in SLOT.finditer(text)} - FILLED):
            yield Fault(
                NAME,
                "block",
                f"The {part} contains {slot}, which is never filled in: "
                "remove it from the template.",
                part,
            )
