"""What time takes away: unconfirmed sign-ups, proof of no more use, addresses of the network."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlmodel import col

from subscribers.consent import ConsentAct, Evidence
from subscribers.firewall import DAY
from subscribers.membership import ledger, person, removed
from subscribers.membership.ledger import NewEntry
from subscribers.membership.person import Person
from subscribers.membership.removed import RemovedReader
from subscribers.standing import Standing
from subscribers.tables import LetterRow, Replay, SignupHit, Subscriber
from subscribers.tokens import Keys

_GONE = (Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED)
LETTERS = timedelta(days=90)
REPLAYS = timedelta(hours=25)  # longer than any signature is good


@dataclass(frozen=True, slots=True)
class Periods:
    """How long it is kept: evidence after somebody left, where from, and sign-ups unconfirmed."""

    evidence: timedelta = timedelta(days=2190)
    network: timedelta = timedelta(days=90)
    unconfirmed: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many sign-ups lapsed, readers were forgotten, and network addresses were."""

    lapsed: int = 0
    forgotten: int = 0
    networks: int = 0


def sweep(conn: Connection, keys: Keys, *, now: datetime, periods: Periods | None = None) -> Swept:
    """Forgets what need not be kept."""
    periods = periods or Periods()
    ledger.lock(conn)
    lapsed = _lapse(conn, keys, before=now - periods.unconfirmed, now=now)
    forgotten = _forget(conn, keys, before=now - periods.evidence, now=now)
    networks = ledger.forget_networks(conn, keys, before=now - periods.network, now=now)
    removed.forget(conn, before=now - periods.evidence)
    is_old = col(LetterRow.queued_at) < now - LETTERS
    conn.execute(delete(LetterRow).where(is_old, col(LetterRow.held_at).is_(None)))
    conn.execute(delete(Replay).where(col(Replay.at) < now - REPLAYS))
    # How often an unconfirmed address was written to is kept: the limit says “ever”.
    counts = col(SignupHit.scope).in_(["network", "domain", "all", "spike", "tried"])
    conn.execute(delete(SignupHit).where(counts, col(SignupHit.last) < now - DAY))
    return Swept(lapsed, forgotten, networks)


def _lapse(conn: Connection, keys: Keys, *, before: datetime, now: datetime) -> int:
    deeds = []
    for who in _since(conn, keys, [Standing.PENDING], before):
        person.remove(conn, who)
        deeds.append(NewEntry(ConsentAct.LAPSED, who.id, Evidence("sweep")))
    ledger.append(conn, keys, deeds, now=now)
    return len(deeds)


def _forget(conn: Connection, keys: Keys, *, before: datetime, now: datetime) -> int:
    """Who left long ago: the proof of their consent is of no use any more, but the hash stays."""
    deeds = []
    for who in _since(conn, keys, _GONE, before):
        person.remove(conn, who)
        person.bar(conn, keys, who.key, reason=who.record.standing, now=now)
        removed.remember(conn, keys, [RemovedReader(who.id, who.ref, who.key)], now=now)
        deeds.append(NewEntry(ConsentAct.ERASED, who.id, Evidence("retention")))
    ledger.append(conn, keys, deeds, now=now)
    return len(deeds)


def _since(
    conn: Connection, keys: Keys, standings: Iterable[Standing], before: datetime
) -> Iterator[Person]:
    status = col(Subscriber.status).in_([each.value for each in standings])
    numbers = conn.execute(
        select(col(Subscriber.id)).where(status, col(Subscriber.since) < before)
    ).scalars()
    for number in numbers.all():
        who = person.by_id(conn, keys, number or 0)
        if who:
            yield who
