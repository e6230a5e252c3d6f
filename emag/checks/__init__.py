"""The pre-flight: rules that decide whether an issue may be sent. Port: `Rule`; list: `RULES`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from emag.checks.fault import Fault, Severity
from emag.checks.proof import Proof, read
from emag.checks.rules import (
    alt,
    closed_job,
    link_empty,
    page_gone,
    past,
    picture_missing,
    postal_address,
    promo,
    size,
    slots,
    source_changed,
    stories,
    subject,
    text_part,
    topics,
    unsubscribe,
)
from emag.issues.issue import Issue
from emag.press.document import Document
from emag.settings import Settings

__all__ = ["RULES", "RULE_NAMES", "UNBREAKABLE", "Fault", "Proof", "Rule", "Severity", "preflight"]


class Rule(Protocol):
    """The port: a module of `emag.checks.rules` with a NAME and a function `rule`.

    An editor uses NAME to override the rule: `emag issue approve next --override NAME`.
    """

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant of the module
        """The id of the rule, as in the contract: lower case with hyphens."""
        ...

    def rule(self, proof: Proof) -> Iterator[Fault]:
        """Yields one fault for each thing that is wrong."""
        ...


# Editors read the faults in this order: legal requirements first.
RULES: tuple[Rule, ...] = (
    unsubscribe,
    subject,
    text_part,
    stories,
    topics,
    closed_job,
    promo,
    link_empty,
    page_gone,
    slots,
    alt,
    picture_missing,
    source_changed,
    size,
    postal_address,
    past,
)

# Nobody can override these: a reader must be able to unsubscribe (PECR regulation 22, RFC 8058),
# and no reader gets the same story twice.
UNBREAKABLE = frozenset({unsubscribe.NAME, stories.TWICE})
RULE_NAMES = (*(rule.NAME for rule in RULES), stories.TWICE)


def preflight(
    issue: Issue, document: Document, *, now: datetime, settings: Settings
) -> list[Fault]:
    """Returns all faults of a printed issue. It may be sent if none of them blocks."""
    whole = document.whole
    proof = Proof(issue, whole, read(whole.html), now, settings, printed=document)
    return [fault for rule in RULES for fault in rule.rule(proof)]
