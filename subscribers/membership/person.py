"""One person's rows, read as a record and written back."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update
from sqlmodel import col

from subscribers.address import Address
from subscribers.membership import ledger
from subscribers.standing import Record, Standing
from subscribers.tables import ImportChange, LetterRow, Subscriber, Suppression
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


def new_ref() -> str:
    """Opaque and not to be guessed: 96 random bits, 16 url-safe characters."""
    return secrets.token_urlsafe(12)


def by_id(conn: Connection, keys: Keys, number: int) -> Person | None:
    return _one(conn, keys, col(Subscriber.id) == number)


def by_ref(conn: Connection, keys: Keys, ref: str) -> Person | None:
    return _one(conn, keys, col(Subscriber.ref) == ref)


def by_key(conn: Connection, keys: Keys, key: str) -> Person | None:
    return _one(conn, keys, col(Subscriber.key) == key)


def _one(conn: Connection, keys: Keys, where: ColumnElement[bool]) -> Person | None:
    row = conn.execute(select(*Subscriber.__table__.c).where(where)).one_or_none()  # type: ignore[attr-defined]
    if row is None:
        return None
    record = Record(
        standing=Standing(row.status),
        barred=barred(conn, keys, row.key),
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
    values: dict[str, Any] = {
        "ref": new_ref(),
        "address": address.text,
        "key": address.key,
        "name": name,
    }
    values |= {"topics": list(topics), "since": now, "joined_at": now, **_columns(record)}
    row = insert(Subscriber).returning(col(Subscriber.id))
    return conn.execute(row, values).scalar_one() or 0


def keep(conn: Connection, person: Person, record: Record, *, now: datetime, **more: Any) -> None:
    """Writes the record back; `since` moves with the standing."""
    values = _columns(record) | more
    if record.standing != person.record.standing:
        values["since"] = now
    conn.execute(update(Subscriber).where(col(Subscriber.id) == person.id), values)


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
    conn.execute(delete(ImportChange).where(col(ImportChange.subscriber) == person.id))
    conn.execute(delete(Subscriber).where(col(Subscriber.id) == person.id))


def barred(conn: Connection, keys: Keys, key: str) -> str:
    """Why the address is suppressed, or nothing."""
    found = conn.execute(
        select(col(Suppression.reason)).where(col(Suppression.fingerprint) == keys.fingerprint(key))
    ).scalar_one_or_none()
    return found or ""


def bar(conn: Connection, keys: Keys, key: str, *, reason: str, now: datetime) -> None:
    unbar(conn, keys, key)
    conn.execute(
        insert(Suppression), {"fingerprint": keys.fingerprint(key), "reason": reason, "at": now}
    )


def unbar(conn: Connection, keys: Keys, key: str) -> None:
    conn.execute(delete(Suppression).where(col(Suppression.fingerprint) == keys.fingerprint(key)))
