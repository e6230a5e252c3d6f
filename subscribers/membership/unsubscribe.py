"""Takes readers off the list: they unsubscribe, a server reports about them, or they are erased."""

from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, bindparam, update

from subscribers import roll, standing
from subscribers.address import parse
from subscribers.consent import ConsentAct, Evidence
from subscribers.membership import ledger, person, removed, tally
from subscribers.membership.ledger import NewEntry
from subscribers.membership.person import Person
from subscribers.membership.removed import OldLink, RemovedReader
from subscribers.standing import Fact, Record, Standing
from subscribers.tables import SUBSCRIBERS
from subscribers.tokens import Keys

Report = Literal["bounced", "complained", "left", "soft", "delivered"]

_FACTS: dict[Report, Fact] = {
    "bounced": Fact.BOUNCED,
    "complained": Fact.COMPLAINED,
    "left": Fact.LEFT,
}
_FORGET_SOFT = (
    update(SUBSCRIBERS)
    .where(SUBSCRIBERS.c.id == bindparam("reader"), SUBSCRIBERS.c.soft > 0)
    .values(soft=0, soft_since=None)
)
_ACTS = {Standing.BOUNCED: ConsentAct.BOUNCED, Standing.COMPLAINED: ConsentAct.COMPLAINED}


def unsubscribe(
    conn: Connection,
    keys: Keys,
    *,
    ref: str = "",
    address: str = "",
    evidence: Evidence,
    now: datetime,
) -> Standing:
    """Takes a reader off the list at once; a second time does nothing.

    Gives the standing afterwards, UNKNOWN for nobody (erased, or never here). Raises BadAddress.
    """
    ledger.lock(conn)
    reader = _find(conn, keys, ref, address)
    if reader is None:
        old_link = removed.find(conn, ref=ref)
        return _record_for_removed(conn, keys, old_link, "left", evidence, now=now)
    after = standing.after(reader.record, Fact.LEFT)
    return _apply(conn, keys, reader, after, evidence, now=now)


def _record_for_removed(
    conn: Connection,
    keys: Keys,
    old_link: OldLink | None,
    report: Report,
    evidence: Evidence,
    *,
    now: datetime,
) -> Standing:
    """Applies what happens to a removed reader: to whoever has their address now, and to it."""
    fact = _FACTS.get(report)
    if old_link is None or fact is None:
        return Standing.UNKNOWN
    reader = removed.successor(conn, keys, old_link)
    if reader is not None:
        after = standing.after(reader.record, fact)
        return _apply(conn, keys, reader, after, evidence, now=now)
    reason = standing.after(Record(Standing.ACTIVE), fact).standing
    if removed.suppress(conn, old_link, reason=reason, now=now):
        entry = NewEntry(_ACTS.get(reason, ConsentAct.LEFT), old_link.subscriber, evidence)
        ledger.append(conn, keys, [entry], now=now)
    return Standing.UNKNOWN


def undo_unsubscribe(
    conn: Connection, keys: Keys, ref: str, *, left_at: int, now: datetime
) -> bool:
    """Undoes the unsubscribe of that second, unless something happened since; True if undone.

    `left_at` comes from a signed token that only the page after an unsubscribe has.
    """
    ledger.lock(conn)
    reader, member = person.by_ref(conn, keys, ref), roll.by_ref(conn, ref)
    if reader is None or member is None:
        return False
    after = standing.resubscribed(reader.record)
    if after == reader.record or int(member.since.timestamp()) != left_at:
        return reader.record.standing is Standing.ACTIVE
    person.save(conn, reader, after, now=now)
    entry = NewEntry(ConsentAct.RETURNED, reader.id, Evidence("page"), reader.address)
    ledger.append(conn, keys, [entry], now=now)
    return True


def record_report(
    conn: Connection,
    keys: Keys,
    subscriber: int,
    report: Report,
    *,
    detail: str = "",
    now: datetime,
) -> Standing:
    """Records what a mail server or provider reports about a reader; nothing for an unknown one."""
    if report == "delivered":
        # One comes for every reader of every issue, and nearly all change nothing: no lock.
        conn.execute(_FORGET_SOFT, {"reader": subscriber})
        return Standing.UNKNOWN
    ledger.lock(conn)
    evidence = Evidence("report", details={"detail": detail[:500]} if detail else None)
    reader = person.by_id(conn, keys, subscriber)
    if reader is None:
        old_link = removed.find(conn, number=subscriber)
        return _record_for_removed(conn, keys, old_link, report, Evidence("report"), now=now)
    if report == "soft":
        after = standing.soft_bounced(reader.record, at=now)
    else:
        after = standing.after(reader.record, _FACTS[report])
    if report == "bounced" and after.standing is Standing.UNSUBSCRIBED:
        # They had unsubscribed and could undo it for some minutes: not any more. The link for that
        # names the second in which they unsubscribed, which may be this one.
        person.save(conn, reader, after, now=now, since=now + timedelta(seconds=1))
    return _apply(conn, keys, reader, after, evidence, now=now)


def _apply(
    conn: Connection,
    keys: Keys,
    reader: Person,
    after: Record,
    evidence: Evidence,
    *,
    now: datetime,
) -> Standing:
    if after.standing is not Standing.ACTIVE:
        # Even where nothing else changes: from now on it does not depend on an import.
        person.detach_from_imports(conn, reader.id)
    if after == reader.record:
        return after.standing
    person.save(conn, reader, after, now=now)
    if after.standing != reader.record.standing:
        act = _ACTS.get(after.standing, ConsentAct.LEFT)
        entry = NewEntry(act, reader.id, evidence, reader.address)
        ledger.append(conn, keys, [entry], now=now)
    return after.standing


def erase(
    conn: Connection,
    keys: Keys,
    *,
    ref: str = "",
    address: str = "",
    evidence: Evidence,
    now: datetime,
) -> bool:
    """Removes everything of a person but a keyed hash that keeps mail away; False for nobody.

    Somebody who complained is never asked again, not even after erasure. Raises BadAddress.
    """
    ledger.lock(conn)
    reader = _find(conn, keys, ref, address)
    if reader is None:
        return False
    has_complained = Standing.COMPLAINED in (reader.record.standing, reader.record.suppression)
    reason = Standing.COMPLAINED.value if has_complained else "erased"
    person.remove(conn, reader)
    removed.remember(conn, keys, [RemovedReader(reader.id, reader.ref, reader.key)], now=now)
    tally.clear(conn, keys, parse(reader.address))
    person.suppress(conn, keys, reader.key, reason=reason, now=now)
    ledger.append(conn, keys, [NewEntry(ConsentAct.ERASED, reader.id, evidence)], now=now)
    return True


def _find(conn: Connection, keys: Keys, ref: str, address: str) -> Person | None:
    if ref:
        return person.by_ref(conn, keys, ref)
    return person.by_key(conn, keys, parse(address).key)
