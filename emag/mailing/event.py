"""What the world reports: delivered, deferred, bounced, complained, left."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    TAKEN = "taken"  # the provider has it: proof that it was handed over, and no more
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"  # hard: the address is dead
    SOFT = "soft"  # full, closed or given up for now: counts against the address
    POLICY = "policy"  # about the sender or the message: counts against nobody
    REFUSED = "refused"  # one of these two, and only its words tell which
    COMPLAINED = "complained"
    LEFT = "left"  # unsubscribed at the provider
    IGNORED = "ignored"  # known, of no consequence, or an engagement nobody agreed to


@dataclass(frozen=True, slots=True)
class Event:
    """One report in our words. `id` is the provider's own, and makes it count once.

    `mark` is our signed mark of the delivery if the report carries one. `at` is aware UTC.
    `detail` is for the editor: the receiving server's words without addresses.
    """

    id: str
    provider: str
    kind: EventKind
    at: datetime
    mark: str = ""
    address: str = ""
    detail: str = ""
