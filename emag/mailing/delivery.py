"""A delivery: one reader's copy of one issue, from the queue to the last report about it."""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from emag.mailing.event import EventKind
from emag.mailing.refusal.verdict import verdict


class DeliveryStatus(StrEnum):
    """Where a delivery is."""

    QUEUED = "queued"
    INFLIGHT = "inflight"
    DEFERRED = "deferred"  # refused for now; waits for its next attempt
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"  # may have been handed over: nobody saw the answer
    SKIPPED = "skipped"  # the reader may not be written to, or the issue was cancelled


class Report(StrEnum):
    """What was reported later about an accepted delivery. Never guessed."""

    NONE = ""
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


class Outcome(StrEnum):
    """The result of handing one message to the mail server."""

    ACCEPTED = "accepted"
    REFUSED = "refused"  # for good: 5xx for this reader
    DEFERRED = "deferred"  # for now: 4xx
    UNSENT = "unsent"  # certainly not handed over: queued again
    DOUBTFUL = "doubtful"  # the answer was lost after the message was complete


class DeliveryStep(StrEnum):
    """What emag or an editor does to a delivery, apart from recording an outcome or a report."""

    CLAIM = "claim"  # a sender takes it
    SKIP = "skip"  # it will never be sent
    LOSE = "lose"  # its sender ended and nobody knows whether it was handed over
    RETURN = "return"  # its sender ended before the message left
    RECOVER = "recover"  # its sender ended after the server had accepted the message
    SETTLE = "settle"  # an editor says that a doubtful one was accepted
    RESEND = "resend"  # an editor has a doubtful one sent again


class Receipt(NamedTuple):
    """One message's outcome. `reason` is for the editor and holds no address.

    `retry_after` is in seconds, 0 if the server named no time. `sender_fault` marks a refusal that
    is about us (authentication, policy 5.7.x), not about the reader.
    """

    outcome: Outcome
    reason: str = ""
    reference: str = ""  # the provider's message id
    retry_after: float = 0.0
    sender_fault: bool = False


_S, _O, _E, _T = DeliveryStatus, Outcome, EventKind, DeliveryStep

_BY_OUTCOME = {
    _O.ACCEPTED: _S.ACCEPTED,
    _O.REFUSED: _S.REFUSED,
    _O.DEFERRED: _S.DEFERRED,
    _O.UNSENT: _S.QUEUED,
    _O.DOUBTFUL: _S.DOUBTFUL,
}

# The three tables below are total, and they are the law: every statement that changes a status is
# made from them (see `transitions`).

# If the sender of a doubtful delivery was given up too early and answers after all, its answer
# settles the delivery. Any other status keeps what it is.
AFTER_OUTCOME: dict[DeliveryStatus, dict[Outcome, DeliveryStatus]] = {
    _S.QUEUED: dict.fromkeys(Outcome, _S.QUEUED),
    _S.INFLIGHT: _BY_OUTCOME,
    _S.DEFERRED: dict.fromkeys(Outcome, _S.DEFERRED),
    _S.ACCEPTED: dict.fromkeys(Outcome, _S.ACCEPTED),
    _S.REFUSED: dict.fromkeys(Outcome, _S.REFUSED),
    _S.DOUBTFUL: _BY_OUTCOME,
    _S.SKIPPED: dict.fromkeys(Outcome, _S.SKIPPED),
}


def _steps(status: DeliveryStatus, **after: DeliveryStatus) -> dict[DeliveryStep, DeliveryStatus]:
    return dict.fromkeys(DeliveryStep, status) | {
        DeliveryStep[name]: then for name, then in after.items()
    }


AFTER_STEP: dict[DeliveryStatus, dict[DeliveryStep, DeliveryStatus]] = {
    _S.QUEUED: _steps(_S.QUEUED, CLAIM=_S.INFLIGHT, SKIP=_S.SKIPPED),
    _S.INFLIGHT: _steps(_S.INFLIGHT, LOSE=_S.DOUBTFUL, RETURN=_S.QUEUED, RECOVER=_S.ACCEPTED),
    _S.DEFERRED: _steps(_S.DEFERRED, CLAIM=_S.INFLIGHT, SKIP=_S.SKIPPED),
    _S.ACCEPTED: _steps(_S.ACCEPTED),
    _S.REFUSED: _steps(_S.REFUSED),
    _S.DOUBTFUL: _steps(_S.DOUBTFUL, SETTLE=_S.ACCEPTED, RESEND=_S.QUEUED),
    _S.SKIPPED: _steps(_S.SKIPPED),
}


def _proved(status: DeliveryStatus) -> dict[EventKind, DeliveryStatus]:
    return dict.fromkeys(EventKind, _S.ACCEPTED) | {_E.NONE: status, _E.AUTOREPLY: status}


# Only a message that was handed over can be reported on. So a report with our mark settles a
# doubtful delivery, and keeps one that waits from leaving a second time. A delivery that was
# refused or skipped stays as it is: the report is stored and changes nothing.
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
    """The status and report after one more event. The order of events makes no difference."""
    after = AFTER_EVENT[status][kind]
    if after is not DeliveryStatus.ACCEPTED:
        return after, report
    return after, max(report, _REPORTS.get(kind, Report.NONE), key=_STRENGTH.index)


# Minutes before each further attempt: over a day in all (RFC 5321 section 4.5.4.1).
_WAITS = (1, 5, 15, 60, 120, 240, 480, 720)


def next_attempt_at(attempts: int, *, now: datetime, retry_after: float = 0.0) -> datetime | None:
    """When to try again after so many attempts that were deferred; None to give up.

    `retry_after` is what the server asked for, in seconds.
    """
    if attempts > len(_WAITS):
        return None
    wait = timedelta(minutes=_WAITS[attempts - 1])
    return now + max(wait, timedelta(seconds=retry_after))


class AppliedReceipt(NamedTuple):
    """What to write to a delivery in flight after its receipt. `attempts` counts hand-overs."""

    status: DeliveryStatus
    attempts: int
    not_before: datetime
    reason: str


def apply_receipt(receipt: Receipt, attempts: int, *, now: datetime) -> AppliedReceipt:
    """Applies a receipt after `attempts` earlier hand-overs.

    A first refusal that is about us is only deferred, so that a wrong setting does not cost
    readers. At the second attempt either an editor has corrected the setting, or the refusal is
    about this reader after all.
    """
    outcome, reason, not_before = receipt.outcome, receipt.reason, now
    if outcome is Outcome.UNSENT:
        not_before = now + timedelta(seconds=receipt.retry_after)
    else:
        attempts += 1
    if outcome is Outcome.REFUSED and receipt.sender_fault and attempts == 1:
        outcome = Outcome.DEFERRED
    if outcome is Outcome.DEFERRED:
        again = next_attempt_at(attempts, now=now, retry_after=receipt.retry_after)
        if again:
            not_before = again
        else:
            outcome, reason = Outcome.REFUSED, f"given up after {attempts} attempts: {reason}"
    status = AFTER_OUTCOME[DeliveryStatus.INFLIGHT][outcome]
    return AppliedReceipt(status, attempts, not_before, reason)


def is_dead_address(receipt: Receipt) -> bool:
    """True for a refusal that says the address does not exist: the list must hear of it."""
    if receipt.outcome is not Outcome.REFUSED or receipt.sender_fault:
        return False
    kind, _ = verdict(receipt.reason)
    return kind is EventKind.HARD


_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_CONTROLS = re.compile(r"[\x00-\x20\x7f-\x9f]+")
_LONGEST_REASON = 200


def without_addresses(words: str) -> str:
    """A server's words in one line of at most 200 characters, with its addresses left out."""
    if words.isprintable() and "  " not in words and "@" not in words:  # the usual case
        return words.strip()[:_LONGEST_REASON]
    line = _CONTROLS.sub(" ", words)
    return (_ADDRESS.sub("…", line) if "@" in line else line).strip()[:_LONGEST_REASON]
