"""Rule `text-part`: the text part exists and contains every story."""

from collections.abc import Iterator

from emag.checks.fault import Fault
from emag.checks.proof import Proof, has_story

NAME = "text-part"


def rule(proof: Proof) -> Iterator[Fault]:
    text = proof.document.text
    if not text.strip():
        sentence = "The issue has no text part: correct the template issue/body.txt."
        yield Fault(NAME, "block", sentence, "text part")
        return
    for pick in proof.issue.picks:
        if not has_story(text, pick.story):
            yield Fault(
                NAME,
                "warn",
                "The text part lacks this story, and spam filters distrust parts that differ: "
                "correct the template issue/body.txt.",
                pick.story.title or pick.story.link,
                pick.target,
            )
