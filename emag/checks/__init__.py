"""The pre-flight: rules that decide whether an issue may be sent. Port: `Rule`; list: `RULES`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from emag.checks.fault import Fault, Severity
from emag.checks.html_part import read
from emag.checks.proof import Proof
from emag.checks.record import NOTHING, CheckRecord
from emag.checks.rules import (
    alt,
    banned,
    client_css,
    closed_job,
    contrast,
    domain,
    headings,
    link_dead,
    link_empty,
    link_http,
    link_redirected,
    link_used,
    page_gone,
    past,
    picture_heavy,
    picture_missing,
    postal_address,
    preheader,
    promo,
    reading_age,
    size,
    slots,
    source_changed,
    spam,
    stories,
    subject,
    text_part,
    topics,
    unsubscribe,
)
from emag.checks.severity import settled
from emag.issues.issue import Issue
from emag.press.document import Document
from emag.settings import Settings
from emag.settings.checks import UNBREAKABLE_IDS

__all__ = [
    "FOR_A_PERSON",
    "RULES",
    "RULE_NAMES",
    "UNBREAKABLE",
    "CheckRecord",
    "Fault",
    "Proof",
    "Rule",
    "Severity",
    "by_rule",
    "of_document",
    "of_record",
    "preflight",
    "proof_of",
]


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
    preheader,
    text_part,
    stories,
    topics,
    closed_job,
    promo,
    link_empty,
    link_dead,
    page_gone,
    link_redirected,
    link_http,
    link_used,
    slots,
    banned,
    alt,
    picture_missing,
    picture_heavy,
    contrast,
    headings,
    source_changed,
    size,
    postal_address,
    past,
    spam,
    client_css,
    domain,
    reading_age,
)

# These look at the record, which changes while the document stays as it is.
_OF_RECORD: tuple[Rule, ...] = (
    subject,
    preheader,
    link_dead,
    page_gone,
    link_redirected,
    link_used,
    picture_heavy,
    domain,
)

UNBREAKABLE = UNBREAKABLE_IDS
# Their warnings are for a person to judge: the timetable does not approve such an issue by itself.
FOR_A_PERSON = frozenset({stories.NAME, topics.NAME})
RULE_NAMES = (*(rule.NAME for rule in RULES), stories.TWICE)


def preflight(
    issue: Issue,
    document: Document,
    *,
    now: datetime,
    settings: Settings,
    record: CheckRecord = NOTHING,
) -> list[Fault]:
    """Returns all faults of a printed issue. It may be sent if none of them blocks."""
    proof = proof_of(issue, document, now=now, settings=settings, record=record)
    return by_rule([*of_document(proof), *of_record(proof)])


def proof_of(
    issue: Issue,
    document: Document,
    *,
    now: datetime,
    settings: Settings,
    record: CheckRecord = NOTHING,
) -> Proof:
    """What the rules examine."""
    whole = document.whole
    return Proof(issue, whole, read(whole.html), now, settings, document, record)


def of_document(proof: Proof) -> list[Fault]:
    """The faults that stay while the issue, its document, the settings and the minute do."""
    return _faults([rule for rule in RULES if rule not in _OF_RECORD], proof)


def of_record(proof: Proof) -> list[Fault]:
    """The faults that earlier issues, the addresses of links and DNS show. It costs little."""
    return _faults(_OF_RECORD, proof)


def by_rule(faults: Iterable[Fault]) -> list[Fault]:
    """The faults in the order of their rules; those of no rule come last."""
    places = {name: place for place, name in enumerate(RULE_NAMES)}
    return sorted(faults, key=lambda fault: places.get(fault.rule, len(places)))


def _faults(rules: Iterable[Rule], proof: Proof) -> list[Fault]:
    faults = (fault for rule in rules for fault in rule.rule(proof))
    return list(settled(faults, proof.settings.checks))
