"""A fault of an issue: what is wrong, whether it blocks sending, and what to do."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `message` is a sentence for the editor: what is wrong, a colon, what to do.

    `where` names the story, link or part with the fault.
    """

    rule: str
    severity: Severity
    message: str
    where: str = ""
