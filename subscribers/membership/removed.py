"""Which removed reader a link or report belongs to.

The link of an issue must work for years, even after its reader was erased or their import was
undone, and even if they signed up again under another number. The table keeps a hash of the link
and a keyed hash of the address.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from subscribers.membership import person
from subscribers.membership.person import Person
from subscribers.standing import Standing
from subscribers.tables import REMOVED_READERS, SUBSCRIBERS, SUPPRESSIONS
from subscribers.tokens import Keys

_AT_ONCE = 500
_link, _subscriber = REMOVED_READERS.c.link, REMOVED_READERS.c.subscriber
_fingerprint, _successor = REMOVED_READERS.c.fingerprint, REMOVED_READERS.c.successor


class RemovedReader(NamedTuple):
    """A reader who is being removed: their number, their ref and the key of their address."""

    number: int
    ref: str
    key: str


class OldLink(NamedTuple):
    """A link whose reader is not on the list under that ref: hashes, as the table keeps them."""

    link: str
    fingerprint: str
    successor: int = 0
    subscriber: int = 0


def remember(
    conn: Connection, keys: Keys, readers: Iterable[RemovedReader], *, now: datetime
) -> None:
    """Keeps the links of readers who are being removed."""
    links = [
        OldLink(digest(reader.ref), keys.fingerprint(reader.key), subscriber=reader.number)
        for reader in readers
    ]
    add_links(conn, links, now=now)


def add_links(conn: Connection, links: Sequence[OldLink], *, now: datetime) -> None:
    """Writes links; the newest row about a link counts."""
    for start in range(0, len(links), _AT_ONCE):
        batch = links[start : start + _AT_ONCE]
        conn.execute(
            delete(REMOVED_READERS).where(_link.in_([old_link.link for old_link in batch]))
        )
        rows = {old_link.link: old_link._asdict() | {"at": now} for old_link in batch}
        conn.execute(insert(REMOVED_READERS), [*rows.values()])


def assign_successors(conn: Connection, keys: Keys, numbers: Mapping[str, int]) -> None:
    """Leads old links to the readers who now have their addresses.

    `numbers` gives the number of each new reader by the key of their address.
    """
    if not numbers or not conn.execute(select(_link).limit(1)).first():
        return
    by_fingerprint = {
        fingerprint: number
        for key, number in numbers.items()
        for fingerprint in keys.fingerprints(key)
    }
    fingerprints = list(by_fingerprint)
    for start in range(0, len(fingerprints), _AT_ONCE):
        batch = fingerprints[start : start + _AT_ONCE]
        query = select(_fingerprint).where(_fingerprint.in_(batch)).distinct()
        matches = conn.execute(query).scalars().all()
        if matches:
            statement = update(REMOVED_READERS).where(_fingerprint == bindparam("print"))
            values = [{"print": match, "heir": by_fingerprint[match]} for match in matches]
            conn.execute(statement.values(successor=bindparam("heir")), values)


def find(conn: Connection, *, ref: str = "", number: int = 0) -> OldLink | None:
    """Finds what is known of a removed reader, by the ref of their link or by their number."""
    where: ColumnElement[bool] = _link == digest(ref) if ref else _subscriber == number
    columns = (_link, _fingerprint, _successor, _subscriber)
    row = conn.execute(select(*columns).where(where)).first() if ref or number else None
    return OldLink(*row) if row else None


def successor(conn: Connection, keys: Keys, old_link: OldLink | None) -> Person | None:
    """Gives the reader who has that address now, if there is one."""
    is_followed = old_link is not None and old_link.successor
    return person.by_id(conn, keys, old_link.successor) if old_link and is_followed else None


def current_ref(conn: Connection, ref: str) -> str:
    """Gives the ref of the reader who now has the address that `ref` belonged to."""
    if conn.execute(select(SUBSCRIBERS.c.id).where(SUBSCRIBERS.c.ref == ref)).first():
        return ref
    query = (
        select(SUBSCRIBERS.c.ref)
        .join(REMOVED_READERS, SUBSCRIBERS.c.id == _successor)
        .where(_link == digest(ref))
    )
    return conn.execute(query).scalar_one_or_none() or ref


def is_known(conn: Connection, ref: str) -> bool:
    """Says whether `ref` belongs to a reader who was removed from this list."""
    return find(conn, ref=ref) is not None


def is_removed_and_mailable(conn: Connection, ref: str) -> bool:
    """Says whether an import could bring the removed reader of `ref` back."""
    old_link = find(conn, ref=ref)
    return old_link is not None and not _suppression(conn, old_link.fingerprint)


def suppress(conn: Connection, old_link: OldLink, *, reason: str, now: datetime) -> bool:
    """Suppresses the address; false where it is suppressed already. A complaint always counts."""
    current = _suppression(conn, old_link.fingerprint)
    if current and (current == reason or reason != Standing.COMPLAINED):
        return False
    conn.execute(delete(SUPPRESSIONS).where(SUPPRESSIONS.c.fingerprint == old_link.fingerprint))
    values = {"fingerprint": old_link.fingerprint, "reason": reason, "at": now}
    conn.execute(insert(SUPPRESSIONS), values)
    return True


def forget(conn: Connection, *, before: datetime) -> None:
    """Deletes links of readers who were removed before that time."""
    conn.execute(delete(REMOVED_READERS).where(REMOVED_READERS.c.at < before))


def _suppression(conn: Connection, fingerprint: str) -> str:
    query = select(SUPPRESSIONS.c.reason).where(SUPPRESSIONS.c.fingerprint == fingerprint)
    return conn.execute(query).scalar_one_or_none() or ""


def digest(ref: str) -> str:
    """Hashes a ref: what is kept of the link of a removed reader."""
    return hashlib.sha256(ref.encode("utf-8", "replace")).hexdigest()
