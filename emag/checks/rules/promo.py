"""Rule `promo`: a promo has something to say, is printed, and a sponsor's has its label.

It blocks a promo without text and picture, one that the HTML part or the text part lacks, and a
sponsor's slot without its label, which the advertising rules demand. Complete or remove the
promo; where the template leaves it out, correct the template.
"""

import html
from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof, contains
from emag.issues.promo import Promo, incomplete
from emag.press.promo import label
from emag.press.words import words

NAME = "promo"


_ADVICE = "correct the templates issue/body and parts/promo, or use the shipped ones"


def rule(proof: Proof) -> Iterator[Fault]:
    if not proof.issue.promos:
        return
    parts = {"HTML part": html.unescape(proof.document.html), "text part": proof.document.text}
    texts = words(proof.settings)
    for promo in proof.issue.promos:
        if sentence := incomplete(promo):
            yield _fault(promo, f"{sentence}, or remove the promo.")
        for part, text in parts.items():
            if not contains(text, promo.title):
                yield _fault(promo, f"The {part} lacks this promo: {_ADVICE}.")
            elif not contains(text, label(promo, texts)):
                yield _fault(promo, f"The {part} lacks the label of this sponsor: {_ADVICE}.")


def _fault(promo: Promo, sentence: str) -> Fault:
    return Fault(NAME, "block", sentence, f"promo {promo.id}: {promo.title}", f"promo {promo.id}")
