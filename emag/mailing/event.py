"""What the world reports: delivered, deferred, bounced, complained, left."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED = "bounced"  # hard: the address is dead
    REFUSED = "refused"  # blocked, policy, full: not a dead address
    COMPLAINED = "complained"
    LEFT = "left"  # unsubscribed at the provider
    IGNORED = "ignored"  # known, of no consequence, or an engagement nobody agreed to


@dataclass(frozen=True, slots=True)
class Event:
    """One report in our words. `id` is the provider's own, and makes it count once.

    `delivery` is our delivery id if the report carries it, else 0. `at` is aware UTC.
    """

    id: str
    provider: str
    kind: EventKind
    at: datetime
    delivery: int = 0
    address: str = ""
    detail: str = ""
