"""A fault: what is wrong with an issue, how bad it is, and what to do."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["block", "warn"]


@dataclass(frozen=True, slots=True)
class Fault:
    """`message` is one sentence for the editor; `where` is the story, link or part it is about."""

    rule: str
    severity: Severity
    message: str
    where: str = ""
