"""Decides whether a reader may be written to, from what happened so far."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

# A full mailbox or a server that is down does not mean a dead address, unless it lasts for weeks.
SOFT_LIMIT = 3  # in a row
SOFT_SPAN = timedelta(weeks=2)


class Standing(StrEnum):
    UNKNOWN = "unknown"  # nothing is kept of the address
    PENDING = "pending"  # asked, and has not confirmed
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"  # only a keyed hash is kept


class Fact(StrEnum):
    """What a reader does, or a mail server reports."""

    SIGNED_UP = "asked"  # a sign-up that will be answered with a confirmation mail
    CONFIRMED = "confirmed"
    IMPORTED = "imported"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"
    LAPSED = "lapsed"  # never confirmed in time
    DISOWNED = "disowned"  # “this wasn't me”


_S, _F = Standing, Fact
_STAYS: dict[Fact, Standing | None] = dict.fromkeys(Fact)

# A total table: every standing has an answer to every fact; None means that it stays as it is. Only
# a confirmation makes somebody active who left, bounced or complained; an import never does.
AFTER: dict[Standing, dict[Fact, Standing | None]] = {
    _S.UNKNOWN: {**_STAYS, _F.SIGNED_UP: _S.PENDING, _F.IMPORTED: _S.ACTIVE},
    _S.PENDING: {
        _F.SIGNED_UP: None,
        _F.CONFIRMED: _S.ACTIVE,
        _F.IMPORTED: _S.ACTIVE,
        _F.LEFT: _S.UNSUBSCRIBED,
        _F.BOUNCED: _S.BOUNCED,
        _F.COMPLAINED: _S.COMPLAINED,
        _F.ERASED: _S.SUPPRESSED,
        _F.LAPSED: _S.UNKNOWN,
        _F.DISOWNED: _S.SUPPRESSED,
    },
    _S.ACTIVE: {
        _F.SIGNED_UP: None,
        _F.CONFIRMED: None,
        _F.IMPORTED: None,
        _F.LEFT: _S.UNSUBSCRIBED,
        _F.BOUNCED: _S.BOUNCED,
        _F.COMPLAINED: _S.COMPLAINED,
        _F.ERASED: _S.SUPPRESSED,
        _F.LAPSED: None,
        _F.DISOWNED: _S.UNSUBSCRIBED,
    },
    _S.UNSUBSCRIBED: {
        **_STAYS,
        _F.CONFIRMED: _S.ACTIVE,
        _F.COMPLAINED: _S.COMPLAINED,
        _F.ERASED: _S.SUPPRESSED,
    },
    _S.BOUNCED: {
        **_STAYS,
        _F.CONFIRMED: _S.ACTIVE,
        _F.LEFT: _S.UNSUBSCRIBED,
        _F.COMPLAINED: _S.COMPLAINED,
        _F.ERASED: _S.SUPPRESSED,
        _F.DISOWNED: _S.UNSUBSCRIBED,
    },
    _S.COMPLAINED: {**_STAYS, _F.CONFIRMED: _S.ACTIVE, _F.ERASED: _S.SUPPRESSED},
    _S.SUPPRESSED: {**_STAYS, _F.SIGNED_UP: _S.PENDING},
}

# Somebody who reported our mail as spam gets no confirmation mail either.
NEVER_ASKED = frozenset({Standing.ACTIVE, Standing.COMPLAINED})
# After these, a confirmation link that was sent before is void.
_CLOSES = frozenset({_F.LEFT, _F.BOUNCED, _F.COMPLAINED, _F.ERASED, _F.LAPSED, _F.DISOWNED})


@dataclass(frozen=True, slots=True)
class Record:
    """What a standing depends on. `suppression` is why the address is suppressed, or empty.

    `ask` counts the sign-ups that were answered by a mail; `open` means that the last of them can
    still be confirmed. `soft` counts temporary bounces in a row, since `soft_since`.
    """

    standing: Standing = Standing.UNKNOWN
    suppression: str = ""
    ask: int = 0
    open: bool = False
    soft: int = 0
    soft_since: datetime | None = None


def may_ask(record: Record) -> bool:
    """Says whether a sign-up may be answered by a confirmation mail."""
    return record.standing not in NEVER_ASKED and record.suppression != Standing.COMPLAINED


def after(record: Record, fact: Fact, *, ask: int = 0) -> Record:
    """Gives the record after `fact`: the same record if nothing changes.

    `ask` is the sign-up that a confirmation belongs to: a link from before somebody left, or one
    that is used twice, confirms nothing.
    """
    if fact is Fact.CONFIRMED and not (record.open and ask == record.ask):
        return record
    if fact is Fact.IMPORTED and record.suppression:
        return record
    if fact is Fact.SIGNED_UP and not may_ask(record):
        return record
    then = replace(record, standing=AFTER[record.standing][fact] or record.standing)
    if fact is Fact.SIGNED_UP and not record.open:
        then = replace(then, open=True, ask=record.ask + 1)
    if then.open and (fact in _CLOSES or then.standing is Standing.ACTIVE):
        then = replace(then, open=False)
    if fact is Fact.CONFIRMED:
        then = replace(then, suppression="", soft=0, soft_since=None)
    return then


def resubscribed(record: Record) -> Record:
    """Gives the record after a reader undid their own unsubscribe, minutes later on the same page.

    It is no fact of the table: nothing else may bring somebody back without a confirmation.
    """
    if record.standing is not Standing.UNSUBSCRIBED:
        return record
    return replace(record, standing=Standing.ACTIVE, open=False)


def soft_bounced(record: Record, *, at: datetime) -> Record:
    """Counts a temporary bounce; three in a row over two weeks or more mean a dead address."""
    if record.standing is not Standing.ACTIVE:
        return record
    since = record.soft_since or at
    then = replace(record, soft=record.soft + 1, soft_since=since)
    if then.soft >= SOFT_LIMIT and at - since >= SOFT_SPAN:
        return replace(after(then, Fact.BOUNCED), soft=0, soft_since=None)
    return then


def delivered(record: Record) -> Record:
    """Resets the count of temporary bounces after a delivery."""
    return replace(record, soft=0, soft_since=None) if record.soft else record
