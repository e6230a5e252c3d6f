"""The text part is there and is a real rendering of the issue."""

from collections.abc import Iterator
from functools import lru_cache

from emag.checks.fault import Fault
from emag.checks.proof import Proof
from emag.content.story import Story
from emag.press.proof import clean

NAME = "text"


def rule(proof: Proof) -> Iterator[Fault]:
    text = _folded(proof.document.text)
    if not text:
        sentence = "The issue has no text part: repair the template that prints it."
        yield Fault(NAME, "block", sentence, "text part")
        return
    for pick in proof.issue.picks:
        if not shows(text, pick.story):
            yield Fault(
                NAME,
                "warn",
                "The text part leaves out a story that the HTML part has: "
                "filters mistrust parts that differ; repair the template that prints it.",
                pick.story.title or pick.story.link,
            )


def shows(text: str, story: Story) -> bool:
    """Whether the text part, folded or not, has the story."""
    folded = _folded(text)
    return any(_folded(sign) in folded for sign in _signs(story) if sign)


def _signs(story: Story) -> tuple[str, ...]:
    """By any of these the text part shows that the story is there."""
    role = story.vacancy.role if story.vacancy else ""
    return (story.title, role, story.link)


@lru_cache(maxsize=64)
def _folded(text: str) -> str:
    """As it is printed, whatever its lines and capitals."""
    return " ".join(clean(text).split()).casefold()
