"""Rule `contrast`: all text stands out from its background, in light and in dark.

Text needs a contrast of 4.5 to 1, large text 3 to 1 (WCAG 1.4.3). The rule reads the printed mail
as a mail program does, with the colours that it asks for in dark, and the colours of `[theme]`:
one that is too faint is replaced by a readable shade, which may not be what you want.
"""

from collections.abc import Iterator

from emag.checks.colours import ColouredText, hard_to_read
from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.press.theme import adjusted

NAME = "contrast"
_MOST = 8  # pairs of colours that are named
_LONGEST = 60  # characters of the text that shows where


def rule(proof: Proof) -> Iterator[Fault]:
    for sentence in adjusted(proof.settings.theme):
        yield Fault(NAME, "warn", f"The colour {sentence}.", sentence.partition(" ")[0])
    for text in hard_to_read(proof.document.html)[:_MOST]:
        yield Fault(NAME, "warn", _sentence(text), text.words[:_LONGEST])


def _sentence(text: ColouredText) -> str:
    return (
        f"Text in {text.colour} on {text.background} has a contrast of {text.contrast:.1f} to 1 in "
        f"{text.scheme} mode, and {text.needed:g} is needed: choose other colours in [theme], or "
        "correct the template."
    )
