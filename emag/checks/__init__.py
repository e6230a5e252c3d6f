"""May it leave? The port: a rule takes a proof and yields faults; all of them are listed here."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from emag.checks import (
    alt,
    closed_job,
    links,
    past,
    postal_address,
    size,
    slots,
    stories,
    subject,
    text_part,
    topics,
    unsubscribe,
)
from emag.checks.fault import Fault, Severity
from emag.checks.proof import Proof, read
from emag.issues.issue import Issue
from emag.press.document import Document
from emag.settings import Settings

__all__ = ["RULES", "RULE_NAMES", "UNBREAKABLE", "Fault", "Proof", "Rule", "Severity", "preflight"]


class Rule(Protocol):
    """One rule: a module with its name, which an editor overrides it by, and one function."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a module's constant
        """What its faults are called."""
        ...

    def rule(self, proof: Proof) -> Iterator[Fault]:
        """Yields a fault for everything wrong; nothing if all is well."""
        ...


# In the order in which an editor reads them: what the law asks first.
RULES: tuple[Rule, ...] = (
    unsubscribe,
    subject,
    text_part,
    stories,
    topics,
    closed_job,
    links,
    slots,
    alt,
    size,
    postal_address,
    past,
)

# No reason can make these right: a reader must be able to leave (PECR regulation 22, RFC 8058),
# and no reader gets the same story twice.
UNBREAKABLE = frozenset({unsubscribe.NAME, stories.TWICE})
RULE_NAMES = (*(each.NAME for each in RULES), stories.TWICE)


def preflight(
    issue: Issue, document: Document, *, now: datetime, settings: Settings
) -> list[Fault]:
    """Every fault of a printed issue; it may leave while none of them blocks."""
    whole = document.whole
    proof = Proof(issue, whole, read(whole.html), now, settings, printed=document)
    return [fault for each in RULES for fault in each.rule(proof)]
