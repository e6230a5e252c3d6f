"""Reads one person's row as a record, and writes it back."""

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select, update

from subscribers.address import Address
from subscribers.membership import bulk, ledger
from subscribers.standing import Record, Standing
from subscribers.tables import IMPORT_CHANGES, LEGACY_LINKS, LETTERS, SUBSCRIBERS, SUPPRESSIONS
from subscribers.tokens import Keys


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber's row. `record` is what their standing depends on."""

    id: int
    ref: str
    address: str
    key: str
    name: str
    topics: tuple[str, ...]
    record: Record


# Built once: building a statement costs as much as running it.
_PERSON: Select[Any] = select(*SUBSCRIBERS.c)
_SUPPRESSION = select(SUPPRESSIONS.c.fingerprint, SUPPRESSIONS.c.reason)


def new_ref() -> str:
    """Gives a ref that cannot be guessed: 96 random bits, 16 url-safe characters."""
    return secrets.token_urlsafe(12)


def new_refs(count: int) -> list[str]:
    """Gives many refs at once, each with 96 random bits of its own.

    They have a common beginning, so that they are neighbours in the table's index: a million refs
    at random places would touch nearly every page of it with every batch.
    """
    start = secrets.token_urlsafe(3)
    text = base64.urlsafe_b64encode(secrets.token_bytes(12 * count)).decode()
    return [start + text[at : at + 16] for at in range(0, 16 * count, 16)]


def by_id(conn: Connection, keys: Keys, number: int) -> Person | None:
    return _one(conn, keys, SUBSCRIBERS.c.id == number)


def by_ref(conn: Connection, keys: Keys, ref: str) -> Person | None:
    return _one(conn, keys, SUBSCRIBERS.c.ref == ref)


def by_key(conn: Connection, keys: Keys, key: str) -> Person | None:
    return _one(conn, keys, SUBSCRIBERS.c.key == key)


def by_keys(conn: Connection, keys: Keys, wanted: Collection[str]) -> dict[str, Person]:
    """Gives those of many who are on the list, by `key`."""
    rows = conn.execute(_PERSON.where(SUBSCRIBERS.c.key.in_(wanted))).all()
    reasons = suppressions(conn, keys, {row.key for row in rows})
    return {row.key: _person(row, reasons.get(row.key, "")) for row in rows}


def _one(conn: Connection, keys: Keys, where: ColumnElement[bool]) -> Person | None:
    row = conn.execute(_PERSON.where(where)).one_or_none()
    return _person(row, suppression(conn, keys, row.key)) if row else None


def _person(row: Any, reason: str) -> Person:
    record = Record(
        standing=Standing(row.status),
        suppression=reason,
        ask=row.ask,
        open=row.open,
        soft=row.soft,
        soft_since=row.soft_since,
    )
    topics = tuple(row.topics)
    return Person(row.id, row.ref, row.address, row.key, row.name, topics, record)


def row(address: Address, record: Record, *, name: str, topics: tuple[str, ...]) -> dict[str, Any]:
    """Makes the values of a new person, for `add_all`."""
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
    """Adds new people, each under their `key`, and gives their numbers."""
    if not rows:
        return {}
    numbers = bulk.reserve(conn, SUBSCRIBERS, len(rows))
    names = tuple(next(iter(rows.values())))
    values = [(number, *new.values()) for number, new in zip(numbers, rows.values(), strict=True)]
    bulk.put(conn, SUBSCRIBERS, ("id", *names), values, since=now, joined_at=now)
    return dict(zip(rows, numbers, strict=True))


def save(conn: Connection, person: Person, record: Record, *, now: datetime, **more: Any) -> None:
    """Writes the record back; `since` changes with the standing."""
    values = _columns(record) | more
    if record.standing != person.record.standing:
        values["since"] = now
    conn.execute(update(SUBSCRIBERS).where(SUBSCRIBERS.c.id == person.id), values)


def detach_from_imports(conn: Connection, number: int) -> None:
    """Undoing an import no longer changes this person: what they did themselves is newer."""
    conn.execute(delete(IMPORT_CHANGES).where(IMPORT_CHANGES.c.subscriber == number))
    is_imported = SUBSCRIBERS.c.import_id.is_not(None)
    conn.execute(
        update(SUBSCRIBERS).where(SUBSCRIBERS.c.id == number, is_imported).values(import_id=None)
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
    """Deletes every row that identifies a person. Consent entries stay, without evidence."""
    ledger.forget(conn, [person.id])
    conn.execute(delete(LETTERS).where(LETTERS.c.subscriber == person.id))
    conn.execute(delete(LEGACY_LINKS).where(LEGACY_LINKS.c.subscriber == person.id))
    conn.execute(delete(IMPORT_CHANGES).where(IMPORT_CHANGES.c.subscriber == person.id))
    conn.execute(delete(SUBSCRIBERS).where(SUBSCRIBERS.c.id == person.id))


def suppression(conn: Connection, keys: Keys, key: str) -> str:
    """Gives why the address is suppressed, or nothing."""
    return suppressions(conn, keys, [key]).get(key, "")


def suppressions(conn: Connection, keys: Keys, wanted: Collection[str]) -> dict[str, str]:
    """Gives why addresses are suppressed, by key. Of two reasons, a complaint counts."""
    if not wanted:
        return {}
    prints = {fingerprint: key for key in wanted for fingerprint in keys.fingerprints(key)}
    column = SUPPRESSIONS.c.fingerprint
    reasons: dict[str, str] = {}
    for row in conn.execute(_SUPPRESSION.where(column.in_(prints))):
        key = prints[row.fingerprint]
        if reasons.get(key) != Standing.COMPLAINED:
            reasons[key] = row.reason
    return reasons


def suppress(conn: Connection, keys: Keys, key: str, *, reason: str, now: datetime) -> None:
    """Keeps mail from the address."""
    lift_suppression(conn, keys, key)
    conn.execute(
        insert(SUPPRESSIONS), {"fingerprint": keys.fingerprint(key), "reason": reason, "at": now}
    )


def lift_suppression(conn: Connection, keys: Keys, key: str) -> None:
    """Allows mail to the address again."""
    is_address = SUPPRESSIONS.c.fingerprint.in_(keys.fingerprints(key))
    conn.execute(delete(SUPPRESSIONS).where(is_address))
