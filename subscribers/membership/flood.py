"""A flood of sign-ups, and what an editor decides about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlmodel import col

from subscribers.consent import ConsentAct, Evidence
from subscribers.membership import ledger, letters, person, tally
from subscribers.membership.ledger import NewEntry
from subscribers.standing import Standing
from subscribers.tables import LetterRow
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class SignupFlood:
    """Since when, when it was last felt, and how many confirmations wait for a decision."""

    since: datetime
    last: datetime
    held: int


def find_flood(conn: Connection) -> SignupFlood | None:
    """The flood that nobody has decided about yet."""
    found = tally.breaker(conn)
    if found is None:
        return None
    held = select(func.count()).where(col(LetterRow.held_at).is_not(None))
    return SignupFlood(found.since, found.last, conn.execute(held).scalar_one())


def release_held(conn: Connection, *, now: datetime) -> int:
    """They were people: their confirmations go out, and sign-ups are counted anew."""
    ledger.lock(conn)
    tally.close(conn)
    return letters.release(conn, now=now)


def drop_held(conn: Connection, keys: Keys, *, now: datetime) -> int:
    """They were none: the held sign-ups are forgotten as if they had lapsed."""
    ledger.lock(conn)
    held = col(LetterRow.held_at).is_not(None)
    numbers = conn.execute(select(col(LetterRow.subscriber)).where(held)).scalars().all()
    conn.execute(delete(LetterRow).where(held))
    deeds = []
    for number in numbers:
        who = person.by_id(conn, keys, number)
        if who and who.record.standing is Standing.PENDING:
            person.remove(conn, who)
            deeds.append(NewEntry(ConsentAct.LAPSED, who.id, Evidence("flood")))
    ledger.append(conn, keys, deeds, now=now)
    tally.close(conn)
    return len(numbers)
