"""Reads and writes the counts of the sign-up limits, under keyed hashes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from subscribers.address import Address
from subscribers.dialect import upsert
from subscribers.firewall import Scope, SignupLimits, Tally
from subscribers.tables import SIGNUP_HITS
from subscribers.tokens import Keys

Key = tuple[Scope, str]
Hashes = tuple[str, ...]  # of one name under every secret, the newest first

_SCOPE, _KEY = SIGNUP_HITS.c.scope, SIGNUP_HITS.c.key
_SHARED: Hashes = ("",)  # for a count that all sign-ups share
_NUMBER: ColumnElement[int] = SIGNUP_HITS.c.count.label("number")  # a row has a method `count`
_COUNTS = select(_SCOPE, _KEY, _NUMBER, SIGNUP_HITS.c.since, SIGNUP_HITS.c.last)


@dataclass(frozen=True, slots=True)
class Breaker:
    """The circuit breaker of a flood: its first and last sign-up, and how many mails it held."""

    since: datetime
    last: datetime
    held: int


def scopes(keys: Keys, address: Address, network: str, limits: SignupLimits) -> dict[Scope, Hashes]:
    """Gives what a sign-up is counted under, without scopes that have no limit."""
    hashes: dict[Scope, Hashes] = {"tried": _SHARED, "address": mailbox(keys, address)}
    if limits.network is not None and network:
        hashes["network"] = tuple(keys.fingerprints(f"network:{network}"))
    if limits.domain is not None:
        hashes["domain"] = tuple(keys.fingerprints(f"domain:{address.domain}"))
    if limits.everything is not None:
        hashes["all"] = _SHARED
    if limits.spike is not None:
        hashes["spike"] = hashes["breaker"] = _SHARED
    return hashes


def mailbox(keys: Keys, address: Address) -> Hashes:
    """Gives the hashes that the mails to one mailbox are counted under."""
    return tuple(keys.fingerprints(f"limit:{address.limit_key}"))


def read(conn: Connection, wanted: Iterable[tuple[Scope, Hashes]]) -> dict[Key, Tally]:
    """Gives the counts, each under its newest hash: a new secret does not reset a limit."""
    places: dict[Key, tuple[Key, int]] = {}
    for scope, hashes in wanted:
        for age, key in enumerate(hashes):
            places[scope, key] = ((scope, hashes[0]), age)
    rows = conn.execute(_COUNTS.where(_KEY.in_({key for _, key in places})))
    newest: dict[Key, tuple[int, Tally]] = {}
    for row in rows:
        place, age = places.get((row.scope, row.key), (None, 0))
        if place and (place not in newest or age < newest[place][0]):
            newest[place] = (age, Tally(row.number, row.since, row.last))
    return {place: tally for place, (_, tally) in newest.items()}


def write(conn: Connection, tallies: Mapping[Key, Tally]) -> None:
    """Stores counts, over older ones."""
    rows = [
        {"scope": scope, "key": key, "count": new.count, "since": new.since, "last": new.last}
        for (scope, key), new in tallies.items()
    ]
    if rows:
        columns = ("count", "since", "last")
        conn.execute(upsert(conn, SIGNUP_HITS, keys=("scope", "key"), columns=columns), rows)


def clear(conn: Connection, keys: Keys, address: Address) -> None:
    """Resets the limit of a mailbox whose owner has answered."""
    is_mailbox = _KEY.in_(mailbox(keys, address))
    conn.execute(delete(SIGNUP_HITS).where(_SCOPE == "address", is_mailbox))


def fill(conn: Connection, keys: Keys, address: Address, *, count: int, now: datetime) -> None:
    """Uses up the limit of a mailbox whose owner said that the sign-up was not theirs."""
    clear(conn, keys, address)
    values = {"count": count, "since": now, "last": now}
    key = mailbox(keys, address)[0]
    conn.execute(insert(SIGNUP_HITS), {"scope": "address", "key": key, **values})


def breaker(conn: Connection) -> Breaker | None:
    """Gives the last flood, over or not, until an editor has decided about it."""
    columns = (SIGNUP_HITS.c.since, SIGNUP_HITS.c.last, _NUMBER)
    row = conn.execute(select(*columns).where(_SCOPE == "breaker")).one_or_none()
    return Breaker(row.since, row.last, row.number) if row else None


def close(conn: Connection) -> None:
    """Ends a flood: confirmations are sent again, and sign-ups counted anew."""
    conn.execute(delete(SIGNUP_HITS).where(_SCOPE.in_(["breaker", "spike"])))
