"""What the firewall counted, read and written under keyed hashes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from subscribers.address import Address
from subscribers.firewall import Limits, Scope, Tally
from subscribers.tables import SignupHit
from subscribers.tokens import Keys

Key = tuple[Scope, str]

_SCOPE, _KEY = col(SignupHit.scope), col(SignupHit.key)
_MANY: ColumnElement[int] = col(SignupHit.count).label("many")  # a row has a method `count`


def _upsert(module: Any) -> Any:
    statement = module.insert(SignupHit)
    new = {name: statement.excluded[name] for name in ("count", "since", "last")}
    return statement.on_conflict_do_update(index_elements=["scope", "key"], set_=new)


_UPSERT = {"sqlite": _upsert(sqlite), "postgresql": _upsert(postgresql)}


@dataclass(frozen=True, slots=True)
class Breaker:
    """A flood: since when, when it was last felt, and how many confirmations it has held."""

    since: datetime
    last: datetime
    held: int


def scopes(keys: Keys, address: Address, network: str, limits: Limits) -> dict[Scope, str]:
    """The keys that a sign-up is counted under; none where there is no limit."""
    found: dict[Scope, str] = {"address": keys.fingerprint(f"limit:{address.limit_key}")}
    if limits.network is not None and network:
        found["network"] = keys.fingerprint(f"network:{network}")
    if limits.domain is not None:
        found["domain"] = keys.fingerprint(f"domain:{address.domain}")
    if limits.everything is not None:
        found["all"] = ""
    if limits.spike is not None:
        found["spike"] = found["breaker"] = ""
    return found


def read(conn: Connection, counted: Iterable[Key]) -> dict[Key, Tally]:
    wanted = set(counted)
    columns = (_SCOPE, _KEY, _MANY, col(SignupHit.since), col(SignupHit.last))
    rows = conn.execute(select(*columns).where(_KEY.in_({key for _, key in wanted})))
    found = {(row.scope, row.key): Tally(row.many, row.since, row.last) for row in rows}
    return {key: tally for key, tally in found.items() if key in wanted}


def write(conn: Connection, tallies: Mapping[Key, Tally]) -> None:
    rows = [
        {"scope": scope, "key": key, "count": each.count, "since": each.since, "last": each.last}
        for (scope, key), each in tallies.items()
    ]
    if rows:
        conn.execute(_UPSERT[conn.dialect.name], rows)


def clear(conn: Connection, keys: Keys, address: Address) -> None:
    """The mailbox's holder has answered: its limit starts anew."""
    mine = keys.fingerprints(f"limit:{address.limit_key}")
    conn.execute(delete(SignupHit).where(_SCOPE == "address", _KEY.in_(mine)))


def fill(conn: Connection, keys: Keys, address: Address, *, count: int, now: datetime) -> None:
    """No more confirmations to this mailbox while none is confirmed: its holder said so."""
    clear(conn, keys, address)
    key = keys.fingerprint(f"limit:{address.limit_key}")
    values = {"count": count, "since": now, "last": now}
    conn.execute(insert(SignupHit), {"scope": "address", "key": key, **values})


def breaker(conn: Connection) -> Breaker | None:
    """The last flood, over or not, until an editor has decided about it."""
    columns = (col(SignupHit.since), col(SignupHit.last), _MANY)
    row = conn.execute(select(*columns).where(_SCOPE == "breaker")).one_or_none()
    return Breaker(row.since, row.last, row.many) if row else None


def close(conn: Connection) -> None:
    """The flood is dealt with: sign-ups are answered, and counted anew."""
    conn.execute(delete(SignupHit).where(_SCOPE.in_(["breaker", "spike"])))
