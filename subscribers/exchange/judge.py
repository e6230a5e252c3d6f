"""What a row means for somebody of whom something is known, or nothing."""

from datetime import UTC, datetime
from typing import NamedTuple

from subscribers import standing
from subscribers.exchange.row import GONE, Outcome, RowStatus
from subscribers.standing import Fact, Record, Standing

EVER = datetime.min.replace(tzinfo=UTC)
GONE_STANDINGS = frozenset({Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED})

_WHY = {
    "erased": "was erased at their own wish",
    "disowned": "said that it was not them who signed up",
    "moved": "reads under another address now",
    Standing.COMPLAINED: "called our mail spam",
    Standing.UNSUBSCRIBED: "has left",
    Standing.BOUNCED: "cannot be reached",
}
_THERE = {
    RowStatus.LEFT: "left there",
    RowStatus.BOUNCED: "could not be reached there",
    RowStatus.COMPLAINED: "called it spam there",
}


class RowVerdict(NamedTuple):
    """`then` is the record afterwards."""

    outcome: Outcome
    why: str
    then: Record


_NEW = standing.after(Record(), Fact.IMPORTED)
ADDED = RowVerdict("added", "is new", _NEW)
SKIPPED = RowVerdict("skipped", "never confirmed there", Record())
TWICE = RowVerdict("unchanged", "stands in the import before", Record())
HIDDEN = RowVerdict("suppressed", "is known by its hash alone", Record())
HIDDEN_BEFORE = RowVerdict("unchanged", "is known by its hash already", Record())
LEFT_TOO = RowVerdict("suppressed", "left, as the import says itself", Record())


def newcomer(says: RowStatus, barred: str) -> RowVerdict:
    """Nobody knows them. `barred` is why their address is suppressed, if it is."""
    if barred:
        return RowVerdict("suppressed", _WHY.get(barred, barred), Record(barred=barred))
    if says is RowStatus.READER:
        return ADDED
    if says is RowStatus.UNCONFIRMED:
        return SKIPPED
    # They had been a reader somewhere else, and left.
    return RowVerdict("suppressed", _THERE[says], standing.after(_NEW, GONE[says]))


def known(
    record: Record, says: RowStatus, *, gone_at: datetime | None, agreed_at: datetime
) -> RowVerdict:
    """`agreed_at` is when they last asked or confirmed here, `gone_at` when they left there."""
    if says is RowStatus.UNCONFIRMED:
        return RowVerdict("skipped", "never confirmed there", record)
    if says is RowStatus.READER:
        return _reader(record)
    if gone_at is not None and gone_at < agreed_at and record.standing not in GONE_STANDINGS:
        return RowVerdict("unchanged", "signed up here after they had left there", record)
    return RowVerdict("suppressed", _THERE[says], standing.after(record, GONE[says]))


def _reader(record: Record) -> RowVerdict:
    then = standing.after(record, Fact.IMPORTED)
    if then.standing is not Standing.ACTIVE:
        why = record.barred or record.standing
        return RowVerdict("suppressed", _WHY.get(why, why), record)
    if then == record:
        return RowVerdict("unchanged", "reads already", record)
    return RowVerdict("updated", "had asked and not confirmed: active on this basis", then)
