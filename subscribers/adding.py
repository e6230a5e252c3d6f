"""Adds a reader for an editor: active on a stated basis, or asked for confirmation by mail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from subscribers import membership
from subscribers.consent import Evidence
from subscribers.firewall import SignupLimits
from subscribers.tokens import Keys

_NOT_ADDED = "Not added: this address unsubscribed, bounced, complained or was erased"


def add(
    conn: Connection,
    keys: Keys,
    address: str,
    name: str,
    topics: Sequence[str],
    *,
    evidence: Evidence,
    now: datetime,
) -> str:
    """Adds a reader. The basis is the evidence's wording; without one they are asked.

    Gives a sentence if they were not made active. Raises BadAddress.
    """
    if evidence.wording:
        is_active = membership.add_on_basis(
            conn, keys, address=address, name=name, topics=topics, evidence=evidence, now=now
        )
        return "" if is_active else _NOT_ADDED
    result = membership.sign_up(
        conn,
        keys,
        address=address,
        name=name,
        topics=topics,
        evidence=evidence,
        now=now,
        limits=SignupLimits().for_editors(),
    )
    if result.outcome == "asked":
        return "A confirmation mail is queued"
    if result.outcome == "limited":
        return "No confirmation mail: one was sent within 24 hours, or three before"
    return f"No confirmation mail: this address is {result.why}"
