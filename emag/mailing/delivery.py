"""A delivery's life: one reader, one issue, at most once."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    QUEUED = "queued"
    INFLIGHT = "inflight"
    DEFERRED = "deferred"  # refused for now; waits for its next attempt
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"  # handed over or not: nobody saw the answer
    SKIPPED = "skipped"  # may not be written to, or the issue was cancelled


class Report(StrEnum):
    """What was reported later about an accepted one. Never guessed."""

    NONE = ""
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Outcome(StrEnum):
    """What one hand-over came to."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good: 5xx for this reader
    DEFERRED = "deferred"  # for now: 4xx
    UNSENT = "unsent"  # surely not handed over: queued again
    DOUBTFUL = "doubtful"  # the answer was lost after the message was complete


@dataclass(frozen=True, slots=True)
class Receipt:
    """One message's outcome. `reason` is for the editor and holds no address.

    `retry_after` is in seconds, 0 where the other side named none. `sender_fault` marks a refusal
    that is about us (authentication, policy 5.7.x), not about the reader.
    """

    outcome: Outcome
    reason: str = ""
    reference: str = ""  # the provider's message id
    retry_after: float = 0.0
    sender_fault: bool = False
