"""Deletes what need not be kept: old sign-ups, old evidence, old network addresses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from subscribers.consent import ConsentAct, Evidence
from subscribers.firewall import DAY
from subscribers.membership import ledger, letters, person, removed
from subscribers.membership.ledger import NewEntry
from subscribers.membership.person import Person
from subscribers.membership.removed import RemovedReader
from subscribers.standing import Standing
from subscribers.tables import LETTERS, REPLAYS, SIGNUP_HITS, SUBSCRIBERS
from subscribers.tokens import Keys

_FORMER = (Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED)
_LETTER_LIFE = timedelta(days=90)
_REPLAY_LIFE = timedelta(hours=25)  # longer than any signature is valid


@dataclass(frozen=True, slots=True)
class Periods:
    """How long to keep the evidence of former readers, network addresses, and sign-ups."""

    evidence: timedelta = timedelta(days=2190)
    network: timedelta = timedelta(days=90)
    unconfirmed: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many sign-ups lapsed, former readers were removed, and network addresses deleted."""

    lapsed: int = 0
    forgotten: int = 0
    networks: int = 0


def sweep(conn: Connection, keys: Keys, *, now: datetime, periods: Periods | None = None) -> Swept:
    """Deletes everything whose period is over."""
    periods = periods or Periods()
    ledger.lock(conn)
    lapsed = _lapse(conn, keys, before=now - periods.unconfirmed, now=now)
    forgotten = _remove_former(conn, keys, before=now - periods.evidence, now=now)
    networks = ledger.forget_networks(conn, keys, before=now - periods.network, now=now)
    removed.forget(conn, before=now - periods.evidence)
    letters.forget_codes(conn, before=now - letters.CODE_LIFE)
    # The key of a notice is kept: it says that its recipients know of the matter.
    is_old = (LETTERS.c.queued_at < now - _LETTER_LIFE) & LETTERS.c.key.is_(None)
    conn.execute(delete(LETTERS).where(is_old, LETTERS.c.held_at.is_(None)))
    conn.execute(delete(REPLAYS).where(REPLAYS.c.at < now - _REPLAY_LIFE))
    # The count of mails to an unconfirmed address is kept: its limit holds for ever.
    counts = SIGNUP_HITS.c.scope.in_(["network", "domain", "all", "spike", "tried"])
    conn.execute(delete(SIGNUP_HITS).where(counts, SIGNUP_HITS.c.last < now - DAY))
    return Swept(lapsed, forgotten, networks)


def _lapse(conn: Connection, keys: Keys, *, before: datetime, now: datetime) -> int:
    entries = []
    for reader in _since(conn, keys, [Standing.PENDING], before):
        person.remove(conn, reader)
        entries.append(NewEntry(ConsentAct.LAPSED, reader.id, Evidence("sweep")))
    ledger.append(conn, keys, entries, now=now)
    return len(entries)


def _remove_former(conn: Connection, keys: Keys, *, before: datetime, now: datetime) -> int:
    """Removes those who left long ago: their evidence proves nothing any more. A hash stays."""
    entries = []
    for reader in _since(conn, keys, _FORMER, before):
        person.remove(conn, reader)
        person.suppress(conn, keys, reader.key, reason=reader.record.standing, now=now)
        removed.remember(conn, keys, [RemovedReader(reader.id, reader.ref, reader.key)], now=now)
        entries.append(NewEntry(ConsentAct.ERASED, reader.id, Evidence("retention")))
    ledger.append(conn, keys, entries, now=now)
    return len(entries)


def _since(
    conn: Connection, keys: Keys, standings: Iterable[Standing], before: datetime
) -> Iterator[Person]:
    status = SUBSCRIBERS.c.status.in_([standing.value for standing in standings])
    numbers = conn.execute(
        select(SUBSCRIBERS.c.id).where(status, SUBSCRIBERS.c.since < before)
    ).scalars()
    for number in numbers.all():
        reader = person.by_id(conn, keys, number or 0)
        if reader:
            yield reader
