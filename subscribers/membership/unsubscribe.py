"""Somebody leaves, the world reports, or a person is erased."""

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, update
from sqlmodel import col

from subscribers import roll, standing
from subscribers.address import parse
from subscribers.consent import ConsentAct, Evidence
from subscribers.membership import ledger, person, removed, tally
from subscribers.membership.ledger import NewEntry
from subscribers.membership.person import Person
from subscribers.membership.removed import RemovedReader
from subscribers.standing import Fact, Record, Standing
from subscribers.tables import Subscriber
from subscribers.tokens import Keys

Report = Literal["bounced", "complained", "left", "soft", "delivered"]

_FACTS = {"bounced": Fact.BOUNCED, "complained": Fact.COMPLAINED, "left": Fact.LEFT}
_ACTS = {Standing.BOUNCED: ConsentAct.BOUNCED, Standing.COMPLAINED: ConsentAct.COMPLAINED}


def unsubscribe(
    conn: Connection, keys: Keys, *, ref: str = "", address: str = "", how: str, now: datetime
) -> Standing:
    """Takes a reader off the list, for good at once; again does nothing.

    Gives the standing afterwards, UNKNOWN for nobody (erased, or never here). Raises BadAddress.
    """
    ledger.lock(conn)
    who = _find(conn, keys, ref, address)
    if who is None:
        return _once(conn, keys, "left", ref=ref, how=how, now=now)
    return _perform(conn, keys, who, standing.after(who.record, Fact.LEFT), how=how, now=now)


def _once(
    conn: Connection, keys: Keys, what: Report, *, ref: str = "", number: int = 0, **said: Any
) -> Standing:
    """About somebody who was here once: it counts for whoever reads at their address now, and for
    the address."""
    found = removed.find(conn, ref=ref, number=number) if ref or number else None
    fact, who = _FACTS.get(what), removed.successor(conn, keys, found)
    if found is None or fact is None:
        return Standing.UNKNOWN
    if who is not None:
        return _perform(conn, keys, who, standing.after(who.record, fact), **said)
    gone = standing.after(Record(Standing.ACTIVE), fact).standing
    if removed.suppress(conn, found, reason=gone, now=said["now"]):
        deed = NewEntry(_ACTS.get(gone, ConsentAct.LEFT), found.subscriber, Evidence(said["how"]))
        ledger.append(conn, keys, [deed], now=said["now"])
    return Standing.UNKNOWN


def undo_unsubscribe(
    conn: Connection, keys: Keys, ref: str, *, left_at: int, now: datetime
) -> bool:
    """Undoes the unsubscribe of that second, unless something happened since; true if it is so.

    `left_at` comes from a signed token that only the page after an unsubscribe has.
    """
    ledger.lock(conn)
    who, member = person.by_ref(conn, keys, ref), roll.by_ref(conn, ref)
    if who is None or member is None:
        return False
    then = standing.returned(who.record)
    if then == who.record or int(member.since.timestamp()) != left_at:
        return who.record.standing is Standing.ACTIVE
    person.keep(conn, who, then, now=now)
    ledger.append(
        conn, keys, [NewEntry(ConsentAct.RETURNED, who.id, Evidence("page"), who.address)], now=now
    )
    return True


def record_report(
    conn: Connection, keys: Keys, subscriber: int, what: Report, *, detail: str = "", now: datetime
) -> Standing:
    """The world reports about a reader. A report about nobody changes nothing."""
    if what == "delivered":
        # Nearly always nothing to do, and one comes for every reader of every issue: no lock.
        conn.execute(
            update(Subscriber)
            .where(col(Subscriber.id) == subscriber, col(Subscriber.soft) > 0)
            .values(soft=0, soft_since=None)
        )
        return Standing.UNKNOWN
    ledger.lock(conn)
    who = person.by_id(conn, keys, subscriber)
    if who is None:
        return _once(conn, keys, what, number=subscriber, how="report", now=now)
    if what == "soft":
        then = standing.soft_bounced(who.record, at=now)
    else:
        then = standing.after(who.record, _FACTS[what])
    if what == "bounced" and then.standing is Standing.UNSUBSCRIBED:
        # They had left before, and may think better of it for some minutes: not any more. The link
        # for that names the second in which they left, and this may be the same one.
        person.keep(conn, who, then, now=now, since=now + timedelta(seconds=1))
    return _perform(conn, keys, who, then, how="report", now=now, detail=detail)


def _perform(
    conn: Connection,
    keys: Keys,
    who: Person,
    then: Record,
    *,
    how: str,
    now: datetime,
    detail: str = "",
) -> Standing:
    if then.standing is not Standing.ACTIVE:
        person.own(conn, who.id)  # even where nothing else changes: they said it themselves now
    if then == who.record:
        return then.standing
    person.keep(conn, who, then, now=now)
    if then.standing != who.record.standing:
        act = _ACTS.get(then.standing, ConsentAct.LEFT)
        proof = Evidence(how, details={"detail": detail[:500]} if detail else None)
        ledger.append(conn, keys, [NewEntry(act, who.id, proof, who.address)], now=now)
    return then.standing


def erase(
    conn: Connection, keys: Keys, *, ref: str = "", address: str = "", how: str, now: datetime
) -> bool:
    """Removes everything of a person but a keyed hash that keeps mail away; false for nobody.

    Who complained is never asked again, not even after erasure. Raises BadAddress.
    """
    ledger.lock(conn)
    who = _find(conn, keys, ref, address)
    if who is None:
        return False
    has_complained = Standing.COMPLAINED in (who.record.standing, who.record.barred)
    reason = Standing.COMPLAINED.value if has_complained else "erased"
    person.remove(conn, who)
    removed.remember(conn, keys, [RemovedReader(who.id, who.ref, who.key)], now=now)
    tally.clear(conn, keys, parse(who.address))
    person.bar(conn, keys, who.key, reason=reason, now=now)
    ledger.append(conn, keys, [NewEntry(ConsentAct.ERASED, who.id, Evidence(how))], now=now)
    return True


def _find(conn: Connection, keys: Keys, ref: str, address: str) -> Person | None:
    if ref:
        return person.by_ref(conn, keys, ref)
    return person.by_key(conn, keys, parse(address).key)
