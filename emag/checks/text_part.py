"""Rule `text`: the text part exists and contains every story."""

from collections.abc import Iterator
from functools import lru_cache

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.story import Story
from emag.press.printable import clean

NAME = "text"


def rule(proof: Proof) -> Iterator[Fault]:
    text = _folded(proof.document.text)
    if not text:
        sentence = "The issue has no text part: correct the template issue/body.txt."
        yield Fault(NAME, "block", sentence, "text part")
        return
    for pick in proof.issue.picks:
        if not shows(text, pick.story):
            yield Fault(
                NAME,
                "warn",
                "The text part lacks this story, and spam filters distrust parts that differ: "
                "correct the template issue/body.txt.",
                pick.story.title or pick.story.link,
            )


def shows(text: str, story: Story) -> bool:
    """True if the text contains the story's title, role or link."""
    folded = _folded(text)
    return any(_folded(name) in folded for name in _names(story) if name)


def _names(story: Story) -> tuple[str, ...]:
    role = story.vacancy.role if story.vacancy else ""
    return (story.title, role, story.link)


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    """Normalises case and white space, because the template wraps lines and prints capitals."""
    return " ".join(clean(text).split()).casefold()
