"""What the firewall counted, read and written under keyed hashes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select
from sqlmodel import col

from subscribers.address import Address
from subscribers.dialect import upsert
from subscribers.firewall import Scope, SignupLimits, Tally
from subscribers.tables import SignupHit
from subscribers.tokens import Keys

Key = tuple[Scope, str]
Hashes = tuple[str, ...]  # of one name under every secret, the newest first

_SCOPE, _KEY = col(SignupHit.scope), col(SignupHit.key)
_ONE: Hashes = ("",)  # where there is one count for all
_MANY: ColumnElement[int] = col(SignupHit.count).label("many")  # a row has a method `count`


_COUNTED = select(_SCOPE, _KEY, _MANY, col(SignupHit.since), col(SignupHit.last))


@dataclass(frozen=True, slots=True)
class Breaker:
    """A flood: since when, when it was last felt, and how many confirmations it has held."""

    since: datetime
    last: datetime
    held: int


def scopes(keys: Keys, address: Address, network: str, limits: SignupLimits) -> dict[Scope, Hashes]:
    """What a sign-up is counted under; nothing where there is no limit."""
    found: dict[Scope, Hashes] = {"tried": _ONE, "address": mailbox(keys, address)}
    if limits.network is not None and network:
        found["network"] = tuple(keys.fingerprints(f"network:{network}"))
    if limits.domain is not None:
        found["domain"] = tuple(keys.fingerprints(f"domain:{address.domain}"))
    if limits.everything is not None:
        found["all"] = _ONE
    if limits.spike is not None:
        found["spike"] = found["breaker"] = _ONE
    return found


def mailbox(keys: Keys, address: Address) -> Hashes:
    return tuple(keys.fingerprints(f"limit:{address.limit_key}"))


def read(conn: Connection, wanted: Iterable[tuple[Scope, Hashes]]) -> dict[Key, Tally]:
    """What is known, each under its newest hash: a new secret starts no limit anew."""
    places: dict[Key, tuple[Key, int]] = {}
    for scope, hashes in wanted:
        for age, each in enumerate(hashes):
            places[scope, each] = ((scope, hashes[0]), age)
    rows = conn.execute(_COUNTED.where(_KEY.in_({key for _, key in places})))
    found: dict[Key, tuple[int, Tally]] = {}
    for row in rows:
        place, age = places.get((row.scope, row.key), (None, 0))
        if place and (place not in found or age < found[place][0]):
            found[place] = (age, Tally(row.many, row.since, row.last))
    return {place: tally for place, (_, tally) in found.items()}


def write(conn: Connection, tallies: Mapping[Key, Tally]) -> None:
    rows = [
        {"scope": scope, "key": key, "count": each.count, "since": each.since, "last": each.last}
        for (scope, key), each in tallies.items()
    ]
    if rows:
        columns = ("count", "since", "last")
        conn.execute(upsert(conn, SignupHit, keys=("scope", "key"), columns=columns), rows)


def clear(conn: Connection, keys: Keys, address: Address) -> None:
    """The mailbox's holder has answered: its limit starts anew."""
    mine = _KEY.in_(mailbox(keys, address))
    conn.execute(delete(SignupHit).where(_SCOPE == "address", mine))


def fill(conn: Connection, keys: Keys, address: Address, *, count: int, now: datetime) -> None:
    """No more confirmations to this mailbox while none is confirmed: its holder said so."""
    clear(conn, keys, address)
    values = {"count": count, "since": now, "last": now}
    key = mailbox(keys, address)[0]
    conn.execute(insert(SignupHit), {"scope": "address", "key": key, **values})


def breaker(conn: Connection) -> Breaker | None:
    """The last flood, over or not, until an editor has decided about it."""
    columns = (col(SignupHit.since), col(SignupHit.last), _MANY)
    row = conn.execute(select(*columns).where(_SCOPE == "breaker")).one_or_none()
    return Breaker(row.since, row.last, row.many) if row else None


def close(conn: Connection) -> None:
    """The flood is dealt with: sign-ups are answered, and counted anew."""
    conn.execute(delete(SignupHit).where(_SCOPE.in_(["breaker", "spike"])))
