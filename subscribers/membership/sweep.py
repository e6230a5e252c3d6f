"""What time takes away: sign-ups that nobody confirmed, counts and requests of long ago."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select
from sqlmodel import col

from subscribers.consent import Act, Evidence
from subscribers.firewall import DAY
from subscribers.membership import ledger, person
from subscribers.membership.ledger import Deed
from subscribers.standing import Standing
from subscribers.tables import LetterRow, Replay, SignupHit, Subscriber
from subscribers.tokens import Keys

UNCONFIRMED = timedelta(days=30)  # then everything of the sign-up is forgotten
LETTERS = timedelta(days=90)
REPLAYS = timedelta(hours=1)


def sweep(
    conn: Connection, keys: Keys, *, now: datetime, unconfirmed: timedelta = UNCONFIRMED
) -> int:
    """Forgets what need not be kept; gives how many unconfirmed sign-ups there were."""
    ledger.lock(conn)
    lapsed = conn.execute(
        select(col(Subscriber.id)).where(
            col(Subscriber.status) == Standing.PENDING.value,
            col(Subscriber.since) < now - unconfirmed,
        )
    ).scalars()
    deeds = []
    for number in lapsed.all():
        who = person.by_id(conn, keys, number or 0)
        if who:
            person.remove(conn, who)
            deeds.append(Deed(Act.LAPSED, who.id, Evidence("sweep")))
    ledger.append(conn, keys, deeds, now=now)
    conn.execute(delete(LetterRow).where(col(LetterRow.queued_at) < now - LETTERS))
    conn.execute(delete(Replay).where(col(Replay.at) < now - REPLAYS))
    # How often an unconfirmed address was written to is kept: the limit says “ever”.
    is_old = col(SignupHit.last) < now - DAY
    conn.execute(delete(SignupHit).where(col(SignupHit.scope) != "address", is_old))
    return len(deeds)


def once(conn: Connection, request: str, *, now: datetime) -> bool:
    """True the first time that this signed request comes, false for its repetition."""
    ledger.lock(conn)
    digest = hashlib.sha256(request.encode()).hexdigest()
    if conn.execute(select(col(Replay.at)).where(col(Replay.digest) == digest)).first():
        return False
    conn.execute(insert(Replay), {"digest": digest, "at": now})
    return True
