"""What the firewall counted, read and written under keyed hashes."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update
from sqlmodel import col

from subscribers import firewall
from subscribers.address import Address
from subscribers.firewall import HOUR, Limits, Scope, Tally
from subscribers.tables import SignupHit
from subscribers.tokens import Keys


def scopes(keys: Keys, address: Address, ip: str, limits: Limits) -> dict[Scope, str]:
    """The keys that a sign-up is counted under; none where there is no limit."""
    found: dict[Scope, str] = {"address": keys.fingerprint(f"limit:{address.limit_key}")}
    network = firewall.network(ip)
    if limits.network is not None and network:
        found["network"] = keys.fingerprint(f"network:{network}")
    if limits.domain is not None:
        found["domain"] = keys.fingerprint(f"domain:{address.domain}")
    if limits.everything is not None:
        found["all"] = ""
    return found


def read(conn: Connection, counted: Mapping[Scope, str]) -> dict[Scope, Tally]:
    scope, key = col(SignupHit.scope), col(SignupHit.key)
    wanted = or_(*(and_(scope == s, key == k) for s, k in counted.items()))
    many: ColumnElement[int] = col(SignupHit.count).label("many")  # a row has a method `count`
    columns = (scope, many, col(SignupHit.since), col(SignupHit.last))
    rows = conn.execute(select(*columns).where(wanted))
    return {row.scope: Tally(row.many, row.since, row.last) for row in rows}


def count(
    conn: Connection,
    counted: Mapping[Scope, str],
    tallies: Mapping[Scope, Tally],
    which: Iterable[Scope],
    *,
    now: datetime,
) -> None:
    """One more in each of `which`, where it is counted at all."""
    for scope in which:
        if scope not in counted:
            continue
        window = None if scope == "address" else HOUR
        tally = firewall.counted(tallies.get(scope), now=now, window=window)
        values = {"count": tally.count, "since": tally.since, "last": tally.last}
        if scope in tallies:
            conn.execute(update(SignupHit).where(*_is(scope, counted[scope])), values)
        else:
            conn.execute(insert(SignupHit), {"scope": scope, "key": counted[scope], **values})


def clear(conn: Connection, keys: Keys, address: Address) -> None:
    """The mailbox's holder has answered: its limit starts anew."""
    key = keys.fingerprint(f"limit:{address.limit_key}")
    conn.execute(delete(SignupHit).where(*_is("address", key)))


def fill(conn: Connection, keys: Keys, address: Address, *, count: int, now: datetime) -> None:
    """No more confirmations to this mailbox while none is confirmed: its holder said so."""
    clear(conn, keys, address)
    key = keys.fingerprint(f"limit:{address.limit_key}")
    values = {"count": count, "since": now, "last": now}
    conn.execute(insert(SignupHit), {"scope": "address", "key": key, **values})


def _is(scope: Scope, key: str) -> tuple[ColumnElement[bool], ...]:
    return (col(SignupHit.scope) == scope, col(SignupHit.key) == key)
