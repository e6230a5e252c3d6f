"""A fault of an issue: what is wrong, whether it blocks sending, and what to do."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `message` is a sentence for the editor: what is wrong, a colon, what to do.

    `where` names the story, link or part with the fault. `target` is the thing to change, as acts
    name it (see emag/issues/state.py): “subject”, “story 12”, “words 12 alt”, “promo 3”; "" where
    no change of the issue mends it.
    """

    rule: str
    severity: Severity
    message: str
    where: str = ""
    target: str = ""
