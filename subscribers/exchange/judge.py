"""Decides what a row means for a person of whom the list knows something, or nothing."""

from datetime import UTC, datetime
from typing import NamedTuple

from subscribers import standing
from subscribers.exchange.row import REMOVALS, Outcome, RowStatus
from subscribers.standing import Fact, Record, Standing

BEGINNING = datetime.min.replace(tzinfo=UTC)  # older than anything
REMOVED = frozenset({Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED})

_REASONS = {
    "erased": "was erased at their own wish",
    "disowned": "said that it was not them who signed up",
    "moved": "reads under another address now",
    Standing.COMPLAINED: "reported our mail as spam",
    Standing.UNSUBSCRIBED: "has unsubscribed",
    Standing.BOUNCED: "cannot be reached",
}
_REASONS_THERE = {
    RowStatus.LEFT: "unsubscribed there",
    RowStatus.BOUNCED: "could not be reached there",
    RowStatus.COMPLAINED: "reported it as spam there",
}


class RowVerdict(NamedTuple):
    """The outcome of a row, the reason, and the person's record afterwards."""

    outcome: Outcome
    reason: str
    record: Record


_NEW = standing.after(Record(), Fact.IMPORTED)
ADDED = RowVerdict("added", "is new", _NEW)
SKIPPED = RowVerdict("skipped", "never confirmed there", Record())
REPEATED = RowVerdict("unchanged", "is in the import already", Record())
FINGERPRINT = RowVerdict("suppressed", "is known by its hash alone", Record())
KNOWN_FINGERPRINT = RowVerdict("unchanged", "is known by its hash already", Record())
OLD_LINK = RowVerdict("unchanged", "is the link of a removed reader", Record())
REMOVED_IN_FILE = RowVerdict("suppressed", "unsubscribed, as the import says itself", Record())


def judge_new(row_status: RowStatus, suppression: str) -> RowVerdict:
    """Judges a row of somebody who is not on the list.

    `suppression` is why their address is suppressed, or empty.
    """
    if suppression:
        reason = _REASONS.get(suppression, suppression)
        return RowVerdict("suppressed", reason, Record(suppression=suppression))
    if row_status is RowStatus.READER:
        return ADDED
    if row_status is RowStatus.UNCONFIRMED:
        return SKIPPED
    # They had been a reader somewhere else, and left.
    record = standing.after(_NEW, REMOVALS[row_status])
    return RowVerdict("suppressed", _REASONS_THERE[row_status], record)


def judge_known(
    record: Record, row_status: RowStatus, *, removed_at: datetime | None, agreed_at: datetime
) -> RowVerdict:
    """Judges a row of somebody who is on the list.

    `agreed_at` is when they last signed up or confirmed here, `removed_at` when they left there.
    """
    if row_status is RowStatus.UNCONFIRMED:
        return RowVerdict("skipped", "never confirmed there", record)
    if row_status is RowStatus.READER:
        return _judge_reader(record)
    if removed_at is not None and removed_at < agreed_at and record.standing not in REMOVED:
        return RowVerdict("unchanged", "signed up here after they had left there", record)
    after = standing.after(record, REMOVALS[row_status])
    return RowVerdict("suppressed", _REASONS_THERE[row_status], after)


def _judge_reader(record: Record) -> RowVerdict:
    after = standing.after(record, Fact.IMPORTED)
    if after.standing is not Standing.ACTIVE:
        reason = record.suppression or record.standing
        return RowVerdict("suppressed", _REASONS.get(reason, reason), record)
    if after == record:
        return RowVerdict("unchanged", "is a reader already", record)
    return RowVerdict("updated", "had not confirmed: active on this basis", after)
