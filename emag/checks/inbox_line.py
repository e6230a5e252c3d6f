"""Judges a line of the inbox, the subject or the preheader, as readers and filters see it."""

import re
from collections.abc import Iterator

# Pictograms, dingbats and what makes them one; no letters, arrows or signs such as ™ and ©.
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\ufe0f\u20e3\U000e0020-\U000e007f]"
)
_SIGNS = re.compile(r"[!?]{2,}|!.*!")
_SHORT = 3  # letters of a word that may be an abbreviation
_FEW = 2  # such words in capitals are names


def remarks(name: str, text: str, *, longest: int) -> Iterator[str]:
    """A sentence for each thing that is wrong with the line. `name` begins the sentence."""
    if len(text) > longest:
        yield (
            f"The {name} has {len(text)} characters and inboxes cut it off: "
            f"shorten it to {longest} or fewer."
        )
    if is_shouting(text):
        yield f"The {name} shouts, which filters take for spam: use small letters and one mark."
    if _EMOJI.search(text):
        yield (
            f"The {name} has an emoji, which some inboxes show as a box and screen readers "
            "read out: say it in words."
        )


def is_shouting(text: str) -> bool:
    """True for words in capitals that are no abbreviations, and for repeated marks."""
    if _SIGNS.search(text):
        return True
    words = re.findall(r"[^\W\d_]{2,}", text)
    loud = [word for word in words if word.isupper() and len(word) > _SHORT]
    return len(loud) > _FEW or (bool(loud) and all(word.isupper() for word in words))
