"""Rule `text-part`: the text part exists and says what the HTML part says.

It contains every story, every link of a story, and most of the HTML part's words: spam filters
distrust a mail whose parts differ, and some readers see only the text.
"""

import re
from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof, has_story
from emag.press.document import SLOT

NAME = "text-part"
_ADVICE = "correct the template issue/body.txt"
_WORD = re.compile(r"[^\W\d_]{4,}")
_MOST_MISSING = 0.3  # of the HTML part's words
_FEW = 20  # words by which parts may always differ


def rule(proof: Proof) -> Iterator[Fault]:
    text = proof.document.text
    if not text.strip():
        yield Fault(NAME, "warn", f"The issue has no text part: {_ADVICE}.", "text part")
        return
    missing = [pick for pick in proof.issue.picks if not has_story(text, pick.story)]
    for pick in missing:
        yield Fault(
            NAME,
            "warn",
            "The text part lacks this story, and spam filters distrust parts that differ: "
            f"{_ADVICE}.",
            pick.story.title or pick.story.link,
            pick.target,
        )
    if not missing and (share := _missing_share(proof.html_part.words, text)) > _MOST_MISSING:
        yield Fault(
            NAME,
            "warn",
            f"The text part lacks {share:.0%} of the HTML part's words, and spam filters distrust "
            f"parts that differ: {_ADVICE}.",
            "text part",
        )


def _missing_share(html_words: str, text: str) -> float:
    """Which share of the words of the HTML part the text part lacks; 0 for a short mail."""
    wanted = set(_WORD.findall(SLOT.sub("", html_words).casefold()))
    missing = wanted - set(_WORD.findall(text.casefold()))
    return len(missing) / len(wanted) if len(missing) > _FEW else 0.0
