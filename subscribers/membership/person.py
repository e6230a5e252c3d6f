"""One person's rows, read as a record and written back."""

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select, update
from sqlmodel import col

from subscribers.address import Address
from subscribers.membership import bulk, ledger
from subscribers.standing import Record, Standing
from subscribers.tables import ImportChange, LegacyLink, LetterRow, Subscriber, Suppression
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber's row. `record` is what standing depends on."""

    id: int
    ref: str
    address: str
    key: str
    name: str
    topics: tuple[str, ...]
    record: Record


# Built once: building a statement costs as much as running it.
_WHOLE: Select[Any] = select(*Subscriber.__table__.c)  # type: ignore[attr-defined]
_WHY = select(col(Suppression.fingerprint), col(Suppression.reason))


def new_ref() -> str:
    """Opaque and not to be guessed: 96 random bits, 16 url-safe characters."""
    return secrets.token_urlsafe(12)


def new_refs(count: int) -> list[str]:
    """Many at once, each with 96 random bits of its own.

    They begin alike, so that they are neighbours in the table's index: a million refs that lie
    anywhere would touch nearly every page of it with every batch.
    """
    start = secrets.token_urlsafe(3)
    text = base64.urlsafe_b64encode(secrets.token_bytes(12 * count)).decode()
    return [start + text[at : at + 16] for at in range(0, 16 * count, 16)]


def by_id(conn: Connection, keys: Keys, number: int) -> Person | None:
    return _one(conn, keys, col(Subscriber.id) == number)


def by_ref(conn: Connection, keys: Keys, ref: str) -> Person | None:
    return _one(conn, keys, col(Subscriber.ref) == ref)


def by_key(conn: Connection, keys: Keys, key: str) -> Person | None:
    return _one(conn, keys, col(Subscriber.key) == key)


def by_keys(conn: Connection, keys: Keys, wanted: Collection[str]) -> dict[str, Person]:
    """All who are there of many, by `key`."""
    rows = conn.execute(_WHOLE.where(col(Subscriber.key).in_(wanted))).all()
    why = barred_by(conn, keys, {row.key for row in rows})
    return {row.key: _person(row, why.get(row.key, "")) for row in rows}


def _one(conn: Connection, keys: Keys, where: ColumnElement[bool]) -> Person | None:
    row = conn.execute(_WHOLE.where(where)).one_or_none()
    return _person(row, barred(conn, keys, row.key)) if row else None


def _person(row: Any, why: str) -> Person:
    record = Record(
        standing=Standing(row.status),
        barred=why,
        ask=row.ask,
        open=row.open,
        soft=row.soft,
        soft_since=row.soft_since,
    )
    topics = tuple(row.topics)
    return Person(row.id, row.ref, row.address, row.key, row.name, topics, record)


def add(
    conn: Connection,
    address: Address,
    record: Record,
    *,
    name: str,
    topics: tuple[str, ...],
    now: datetime,
) -> int:
    values = row(address, record, name=name, topics=topics)
    return add_all(conn, {address.key: values}, now=now)[address.key]


def row(address: Address, record: Record, *, name: str, topics: tuple[str, ...]) -> dict[str, Any]:
    """Somebody new, for `add_all`."""
    return {
        "ref": new_ref(),
        "address": address.text,
        "key": address.key,
        "name": name,
        "topics": list(topics),
        **_columns(record),
    }


def add_all(
    conn: Connection, rows: Mapping[str, dict[str, Any]], *, now: datetime
) -> dict[str, int]:
    """Adds new people, each under its `key`, and gives their numbers."""
    if not rows:
        return {}
    numbers = bulk.reserve(conn, Subscriber, len(rows))
    names = tuple(next(iter(rows.values())))
    values = [(number, *new.values()) for number, new in zip(numbers, rows.values(), strict=True)]
    bulk.put(conn, Subscriber, ("id", *names), values, since=now, joined_at=now)
    return dict(zip(rows, numbers, strict=True))


def keep(conn: Connection, person: Person, record: Record, *, now: datetime, **more: Any) -> None:
    """Writes the record back; `since` moves with the standing."""
    values = _columns(record) | more
    if record.standing != person.record.standing:
        values["since"] = now
    conn.execute(update(Subscriber).where(col(Subscriber.id) == person.id), values)


def own(conn: Connection, number: int) -> None:
    """What somebody did by themselves is newer than any import: undoing one leaves it alone."""
    conn.execute(delete(ImportChange).where(col(ImportChange.subscriber) == number))
    is_brought = col(Subscriber.import_id).is_not(None)
    conn.execute(
        update(Subscriber).where(col(Subscriber.id) == number, is_brought).values(import_id=None)
    )


def _columns(record: Record) -> dict[str, Any]:
    return {
        "status": str(record.standing),
        "ask": record.ask,
        "open": record.open,
        "soft": record.soft,
        "soft_since": record.soft_since,
    }


def remove(conn: Connection, person: Person) -> None:
    """Deletes every row that tells who it was. The ledger's entries stay, without evidence."""
    ledger.forget(conn, [person.id])
    conn.execute(delete(LetterRow).where(col(LetterRow.subscriber) == person.id))
    conn.execute(delete(LegacyLink).where(col(LegacyLink.subscriber) == person.id))
    conn.execute(delete(ImportChange).where(col(ImportChange.subscriber) == person.id))
    conn.execute(delete(Subscriber).where(col(Subscriber.id) == person.id))


def barred(conn: Connection, keys: Keys, key: str) -> str:
    """Why the address is suppressed, or nothing."""
    return barred_by(conn, keys, [key]).get(key, "")


def barred_by(conn: Connection, keys: Keys, wanted: Collection[str]) -> dict[str, str]:
    """Why each of many addresses is suppressed, where it is. Complaints weigh most."""
    if not wanted:
        return {}
    prints = {each: key for key in wanted for each in keys.fingerprints(key)}
    column = col(Suppression.fingerprint)
    found: dict[str, str] = {}
    for row in conn.execute(_WHY.where(column.in_(prints))):
        key = prints[row.fingerprint]
        if found.get(key) != Standing.COMPLAINED:
            found[key] = row.reason
    return found


def bar(conn: Connection, keys: Keys, key: str, *, reason: str, now: datetime) -> None:
    unbar(conn, keys, key)
    conn.execute(
        insert(Suppression), {"fingerprint": keys.fingerprint(key), "reason": reason, "at": now}
    )


def unbar(conn: Connection, keys: Keys, key: str) -> None:
    known = col(Suppression.fingerprint).in_(keys.fingerprints(key))
    conn.execute(delete(Suppression).where(known))
