"""Who was taken off the list, so that their old links and reports still keep mail away.

An issue's link must work for years, also when its reader was erased or an import undone since, and
then came back under another number. What is kept is a hash of the link and one of the address.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlmodel import col

from subscribers.membership import person
from subscribers.membership.person import Person
from subscribers.standing import Standing
from subscribers.tables import Departed, Subscriber, Suppression
from subscribers.tokens import Keys

_AT_ONCE = 500


class Gone(NamedTuple):
    """Whom somebody was: their number and ref, and the key of their address."""

    number: int
    ref: str
    key: str


def keep(conn: Connection, keys: Keys, people: Iterable[Gone], *, now: datetime) -> None:
    rows = [
        {
            "subscriber": each.number,
            "link": _digest(each.ref),
            "fingerprint": keys.fingerprint(each.key),
            "at": now,
        }
        for each in people
    ]
    if rows:
        conn.execute(insert(Departed), rows)


def inherit(conn: Connection, keys: Keys, new: Mapping[str, int]) -> None:
    """These addresses, by key, are somebody's again: what was theirs leads to the new number."""
    if not new or not conn.execute(select(col(Departed.subscriber)).limit(1)).first():
        return
    prints = {each: number for key, number in new.items() for each in keys.fingerprints(key)}
    wanted = list(prints)
    for start in range(0, len(wanted), _AT_ONCE):
        among = col(Departed.fingerprint).in_(wanted[start : start + _AT_ONCE])
        query = select(col(Departed.fingerprint)).where(among).distinct()
        found = conn.execute(query).scalars().all()
        if found:
            statement = update(Departed).where(col(Departed.fingerprint) == bindparam("print"))
            values = [{"print": each, "heir": prints[each]} for each in found]
            conn.execute(statement.values(successor=bindparam("heir")), values)


def find(conn: Connection, *, ref: str = "", number: int = 0) -> Any:
    """The row of somebody who was here once: `subscriber`, `fingerprint`, `successor`; or None."""
    which = col(Departed.link) == _digest(ref) if ref else col(Departed.subscriber) == number
    columns = (col(Departed.subscriber), col(Departed.fingerprint), col(Departed.successor))
    return conn.execute(select(*columns).where(which)).one_or_none()


def heir(conn: Connection, keys: Keys, found: Any) -> Person | None:
    """Who reads at that address now, if anybody."""
    return person.by_id(conn, keys, found.successor) if found and found.successor else None


def whose(conn: Connection, ref: str) -> str:
    """The ref of whoever reads today at the address that this ref was of."""
    if conn.execute(select(col(Subscriber.id)).where(col(Subscriber.ref) == ref)).first():
        return ref
    new = select(col(Subscriber.ref)).join(Departed, col(Departed.successor) == col(Subscriber.id))
    found = conn.execute(new.where(col(Departed.link) == _digest(ref))).scalar_one_or_none()
    return found or ref


def may_be_written_to(conn: Connection, ref: str) -> bool:
    """Nobody is on the list, but nothing would keep an import from bringing them back."""
    found = find(conn, ref=ref)
    return bool(found) and not _reason(conn, found.fingerprint)


def bar(conn: Connection, found: Any, *, reason: str, now: datetime) -> bool:
    """Keeps mail from the address; false where it is kept away already. Complaints weigh most."""
    was = _reason(conn, found.fingerprint)
    if was and (was == reason or reason != Standing.COMPLAINED):
        return False
    conn.execute(delete(Suppression).where(col(Suppression.fingerprint) == found.fingerprint))
    values = {"fingerprint": found.fingerprint, "reason": reason, "at": now}
    conn.execute(insert(Suppression), values)
    return True


def forget(conn: Connection, *, before: datetime) -> None:
    conn.execute(delete(Departed).where(col(Departed.at) < before))


def _reason(conn: Connection, fingerprint: str) -> str:
    query = select(col(Suppression.reason)).where(col(Suppression.fingerprint) == fingerprint)
    return conn.execute(query).scalar_one_or_none() or ""


def _digest(ref: str) -> str:
    return hashlib.sha256(ref.encode("utf-8", "replace")).hexdigest()
