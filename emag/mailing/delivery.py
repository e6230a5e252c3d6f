"""A delivery's life: one reader, one issue, at most once."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from emag.mailing.event import EventKind
from emag.mailing.refusal.verdict import verdict


class DeliveryStatus(StrEnum):
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


class Receipt(NamedTuple):
    """One message's outcome. `reason` is for the editor and holds no address.

    `retry_after` is in seconds, 0 where the other side named none. `sender_fault` marks a refusal
    that is about us (authentication, policy 5.7.x), not about the reader.
    """

    outcome: Outcome
    reason: str = ""
    reference: str = ""  # the provider's message id
    retry_after: float = 0.0
    sender_fault: bool = False


_S, _O, _E = DeliveryStatus, Outcome, EventKind

_ANSWERED = {
    _O.ACCEPTED: _S.ACCEPTED,
    _O.REFUSED: _S.REFUSED,
    _O.DEFERRED: _S.DEFERRED,
    _O.UNSENT: _S.QUEUED,
    _O.DOUBTFUL: _S.DOUBTFUL,
}

# Total: every status names what every outcome of its hand-over makes of it. A doubtful one whose
# sender was given up too early, and answers after all, is settled by that answer; anything else
# that is not under way keeps what it has.
AFTER_OUTCOME: dict[DeliveryStatus, dict[Outcome, DeliveryStatus]] = {
    _S.QUEUED: dict.fromkeys(Outcome, _S.QUEUED),
    _S.INFLIGHT: _ANSWERED,
    _S.DEFERRED: dict.fromkeys(Outcome, _S.DEFERRED),
    _S.ACCEPTED: dict.fromkeys(Outcome, _S.ACCEPTED),
    _S.REFUSED: dict.fromkeys(Outcome, _S.REFUSED),
    _S.DOUBTFUL: _ANSWERED,
    _S.SKIPPED: dict.fromkeys(Outcome, _S.SKIPPED),
}


def _proved(status: DeliveryStatus) -> dict[EventKind, DeliveryStatus]:
    return dict.fromkeys(EventKind, _S.ACCEPTED) | {_E.NONE: status, _E.AUTOREPLY: status}


# Total. Only a message that was handed over can be reported on, so a report with our mark settles
# a doubt, and keeps one that waits from leaving a second time. What we were refused, or never
# sent, stays as it is: the report is kept and changes nothing.
AFTER_EVENT: dict[DeliveryStatus, dict[EventKind, DeliveryStatus]] = {
    _S.QUEUED: _proved(_S.QUEUED),
    _S.INFLIGHT: _proved(_S.INFLIGHT),
    _S.DEFERRED: _proved(_S.DEFERRED),
    _S.ACCEPTED: _proved(_S.ACCEPTED),
    _S.REFUSED: dict.fromkeys(EventKind, _S.REFUSED),
    _S.DOUBTFUL: _proved(_S.DOUBTFUL),
    _S.SKIPPED: dict.fromkeys(EventKind, _S.SKIPPED),
}

_REPORTS = {
    _E.DELIVERED: Report.DELIVERED,
    _E.HARD: Report.BOUNCED,
    # This message did not arrive; the address may be well.
    **dict.fromkeys((_E.SOFT, _E.POLICY), Report.BOUNCED),
    _E.COMPLAINT: Report.COMPLAINED,
}
_STRENGTH = list(Report)


def apply_event(
    status: DeliveryStatus, report: Report, kind: EventKind
) -> tuple[DeliveryStatus, Report]:
    """What a report makes of a delivery; the same in whatever order reports arrive."""
    now = AFTER_EVENT[status][kind]
    if now is not DeliveryStatus.ACCEPTED:
        return now, report
    return now, max(report, _REPORTS.get(kind, Report.NONE), key=_STRENGTH.index)


# Minutes before each further attempt: over a day in all (RFC 5321 section 4.5.4.1).
_WAITS = (1, 5, 15, 60, 120, 240, 480, 720)


def next_attempt_at(attempts: int, *, now: datetime, retry_after: float = 0.0) -> datetime | None:
    """When to try again after `attempts` refusals for now, or None: it is refused for good.

    `retry_after` is in seconds, what the other side asked for.
    """
    if attempts > len(_WAITS):
        return None
    wait = timedelta(minutes=_WAITS[attempts - 1])
    return now + max(wait, timedelta(seconds=retry_after))


class AppliedReceipt(NamedTuple):
    """What a receipt makes of a delivery that was under way. `attempts` counts hand-overs."""

    status: DeliveryStatus
    attempts: int
    not_before: datetime
    reason: str


def apply_receipt(receipt: Receipt, attempts: int, *, now: datetime) -> AppliedReceipt:
    """What comes of it after `attempts` earlier ones.

    A refusal that is about us must not burn a reader at once: it waits and is asked once more. By
    then either the run was stopped and the editor has mended it, or it was about this reader.
    """
    outcome, reason = receipt.outcome, receipt.reason
    if outcome is Outcome.UNSENT:
        later = now + timedelta(seconds=receipt.retry_after)
        return AppliedReceipt(DeliveryStatus.QUEUED, attempts, later, reason)
    attempts += 1
    if outcome is Outcome.REFUSED and receipt.sender_fault and attempts == 1:
        outcome = Outcome.DEFERRED
    if outcome is Outcome.DEFERRED:
        again = next_attempt_at(attempts, now=now, retry_after=receipt.retry_after)
        if again:
            return AppliedReceipt(DeliveryStatus.DEFERRED, attempts, again, reason)
        outcome, reason = Outcome.REFUSED, f"given up after {attempts} attempts: {reason}"
    return AppliedReceipt(AFTER_OUTCOME[DeliveryStatus.INFLIGHT][outcome], attempts, now, reason)


def is_dead_address(receipt: Receipt) -> bool:
    """True for a refusal that says the address does not exist: the list must hear of it."""
    if receipt.outcome is not Outcome.REFUSED or receipt.sender_fault:
        return False
    kind, _ = verdict(receipt.reason)
    return kind is EventKind.HARD


_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_ODD = re.compile(r"[\x00-\x20\x7f-\x9f]+")
_LONGEST_REASON = 200


def without_addresses(words: str) -> str:
    """What the other side said, in one line, without the addresses that it likes to repeat."""
    if words.isprintable() and "  " not in words and "@" not in words:  # as a rule
        return words.strip()[:_LONGEST_REASON]
    line = _ODD.sub(" ", words)
    return (_ADDRESS.sub("…", line) if "@" in line else line).strip()[:_LONGEST_REASON]
