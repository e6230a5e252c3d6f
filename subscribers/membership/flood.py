"""A flood of sign-ups, and what an editor decides about the confirmations that it held back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from subscribers.consent import ConsentAct, Evidence
from subscribers.membership import ledger, letters, person, tally
from subscribers.membership.ledger import NewEntry
from subscribers.standing import Standing
from subscribers.tables import LETTERS
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class SignupFlood:
    """A flood: when it began, its last sign-up, and how many confirmations are held back."""

    since: datetime
    last: datetime
    held: int


def find_flood(conn: Connection) -> SignupFlood | None:
    """Gives the flood that nobody has decided about yet."""
    breaker = tally.breaker(conn)
    if breaker is None:
        return None
    held = select(func.count()).where(LETTERS.c.held_at.is_not(None))
    return SignupFlood(breaker.since, breaker.last, conn.execute(held).scalar_one())


def release_held(conn: Connection, keys: Keys, *, by: str, now: datetime) -> int:
    """Sends the confirmations that were held back, and counts sign-ups anew; how many."""
    ledger.lock(conn)
    tally.close(conn)
    count = letters.release(conn, now=now)
    _record(conn, keys, ConsentAct.RELEASED, count, by=by, now=now)
    return count


def drop_held(conn: Connection, keys: Keys, *, by: str, now: datetime) -> int:
    """Forgets the sign-ups whose confirmations were held back, as if they had lapsed; how many."""
    ledger.lock(conn)
    held = LETTERS.c.held_at.is_not(None)
    numbers = conn.execute(select(LETTERS.c.subscriber).where(held)).scalars().all()
    conn.execute(delete(LETTERS).where(held))
    entries = []
    for number in numbers:
        reader = person.by_id(conn, keys, number)
        if reader and reader.record.standing is Standing.PENDING:
            person.remove(conn, reader)
            entries.append(NewEntry(ConsentAct.LAPSED, reader.id, Evidence("flood")))
    ledger.append(conn, keys, entries, now=now)
    _record(conn, keys, ConsentAct.DROPPED, len(numbers), by=by, now=now)
    tally.close(conn)
    return len(numbers)


def _record(
    conn: Connection, keys: Keys, act: ConsentAct, count: int, *, by: str, now: datetime
) -> None:
    """Adds one entry that belongs to no reader and says who decided."""
    if count:
        evidence = Evidence("editor", by=by, details={"letters": count})
        ledger.append(conn, keys, [NewEntry(act, 0, evidence)], now=now)
