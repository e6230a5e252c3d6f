"""Undoes an import: the list is as before, except for people who acted themselves since."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, select, update

from subscribers import consent
from subscribers.consent import ConsentAct, Evidence
from subscribers.errors import NoSuchImport
from subscribers.exchange.judge import REMOVED
from subscribers.membership import ledger, removed
from subscribers.membership.ledger import NewEntry
from subscribers.membership.removed import RemovedReader
from subscribers.standing import Standing
from subscribers.tables import (
    IMPORT_CHANGES,
    IMPORTS,
    LEGACY_LINKS,
    LETTERS,
    SUBSCRIBERS,
    SUPPRESSIONS,
)
from subscribers.tokens import Keys

AT_ONCE = 2_000


class UndoResult(NamedTuple):
    """The number of readers who were removed, and of those who are as before."""

    removed: int = 0
    restored: int = 0


def undo_import(
    transaction: Callable[[], AbstractContextManager[Connection]],
    keys: Keys,
    number: int,
    *,
    by: str,
    now: datetime,
) -> UndoResult:
    """Removes the readers whom the import added, restores those it changed. Raises NoSuchImport.

    People who unsubscribed, bounced, complained, signed up or confirmed since then stay as they
    are: that is newer, and cut their row off from the import. Where a later import also said that
    somebody had left, they belong to that import from now on.
    """
    with transaction() as conn:
        _check(conn, number)
    counts = []
    for step in (_remove_batch, _restore_batch):
        count, is_more = 0, True
        while is_more:
            with transaction() as conn:
                ledger.lock(conn)
                is_more, entries = step(conn, keys, number, now)
                ledger.append(conn, keys, entries, now=now)
            count += len(entries)
        counts.append(count)
    with transaction() as conn:
        conn.execute(delete(SUPPRESSIONS).where(SUPPRESSIONS.c.import_id == number))
        undone = {"undone_at": now, "undone_by": by}
        conn.execute(update(IMPORTS).where(IMPORTS.c.id == number).values(undone))
    return UndoResult(*counts)


def _check(conn: Connection, number: int) -> None:
    row = conn.execute(select(IMPORTS.c.undone_at).where(IMPORTS.c.id == number)).one_or_none()
    if row is None:
        raise NoSuchImport(f"There is no import {number}.")
    if row.undone_at is not None:
        raise NoSuchImport(f"Import {number} was undone already.")


def _remove_batch(
    conn: Connection, keys: Keys, number: int, now: datetime
) -> tuple[bool, list[NewEntry]]:
    """Removes some of the readers whom the import added; says whether there may be more."""
    added = select(SUBSCRIBERS.c.id).where(SUBSCRIBERS.c.import_id == number)
    rows = conn.execute(added.order_by(SUBSCRIBERS.c.id).limit(AT_ONCE)).scalars().all()
    numbers = [row for row in rows if row]
    later = _later_changes(conn, numbers, number)
    for subscriber, change in later.items():
        conn.execute(
            update(SUBSCRIBERS)
            .where(SUBSCRIBERS.c.id == subscriber)
            .values(import_id=change.import_id)
        )
        conn.execute(delete(IMPORT_CHANGES).where(*_is_change(change.import_id, subscriber)))
    to_remove = [subscriber for subscriber in numbers if subscriber not in later]
    removed.remember(conn, keys, _readers(conn, to_remove), now=now)
    _delete(conn, to_remove)
    evidence = Evidence(consent.IMPORT_UNDONE)
    entries = [NewEntry(ConsentAct.UNDONE, subscriber, evidence) for subscriber in to_remove]
    return len(numbers) == AT_ONCE, entries


def _readers(conn: Connection, numbers: Sequence[int]) -> Iterator[RemovedReader]:
    """Those of them who were written to: the links in their mails must go on working."""
    columns = (SUBSCRIBERS.c.id, SUBSCRIBERS.c.ref, SUBSCRIBERS.c.key)
    active = SUBSCRIBERS.c.status == Standing.ACTIVE.value
    for row in conn.execute(select(*columns).where(SUBSCRIBERS.c.id.in_(numbers), active)):
        yield RemovedReader(row.id or 0, row.ref, row.key)


def _delete(conn: Connection, numbers: Sequence[int]) -> None:
    ledger.forget(conn, numbers)
    tables: tuple[Any, ...] = (IMPORT_CHANGES, LETTERS, LEGACY_LINKS)
    for table in tables:
        conn.execute(delete(table).where(table.c.subscriber.in_(numbers)))
    conn.execute(delete(SUBSCRIBERS).where(SUBSCRIBERS.c.id.in_(numbers)))


def _later_changes(conn: Connection, subscribers: Sequence[int], number: int) -> dict[int, Any]:
    """The next import's change of each reader, where it said that they had left."""
    subscriber = IMPORT_CHANGES.c.subscriber
    rows = conn.execute(
        select(subscriber, IMPORT_CHANGES.c.import_id, IMPORT_CHANGES.c.before)
        .where(subscriber.in_(subscribers), IMPORT_CHANGES.c.import_id > number)
        .order_by(IMPORT_CHANGES.c.import_id.desc())
    )
    return {row.subscriber: row for row in rows if row.before.get("to") in REMOVED}


def _is_change(number: int, subscriber: int) -> tuple[ColumnElement[bool], ...]:
    return (IMPORT_CHANGES.c.import_id == number, IMPORT_CHANGES.c.subscriber == subscriber)


def _restore_batch(
    conn: Connection, _keys: Keys, number: int, _now: datetime
) -> tuple[bool, list[NewEntry]]:
    """Restores some of the readers whom the import changed; says whether there may be more."""
    rows = conn.execute(
        select(
            IMPORT_CHANGES.c.subscriber,
            IMPORT_CHANGES.c.before,
            SUBSCRIBERS.c.status,
            SUBSCRIBERS.c.name,
        )
        .join(SUBSCRIBERS, SUBSCRIBERS.c.id == IMPORT_CHANGES.c.subscriber)
        .where(IMPORT_CHANGES.c.import_id == number)
        .order_by(IMPORT_CHANGES.c.subscriber)
        .limit(AT_ONCE)
    ).all()
    numbers = [row.subscriber for row in rows]
    later = _later_changes(conn, numbers, number)
    entries = []
    for row in rows:
        values = _restored(conn, row, later.get(row.subscriber))
        if values:
            is_this = SUBSCRIBERS.c.id == row.subscriber
            conn.execute(update(SUBSCRIBERS).where(is_this).values(**values))
            evidence = Evidence(consent.undone_to(values.get("status", row.status)))
            entries.append(NewEntry(ConsentAct.UNDONE, row.subscriber, evidence))
    restored = IMPORT_CHANGES.c.subscriber.in_(numbers)
    conn.execute(delete(IMPORT_CHANGES).where(IMPORT_CHANGES.c.import_id == number, restored))
    return len(rows) == AT_ONCE, entries


def _restored(conn: Connection, row: Any, later: Any) -> dict[str, Any]:
    """The values to give back to a reader; empty where nothing changes."""
    before = row.before
    values: dict[str, Any] = {}
    if row.name == before["set"] and row.name != before["name"]:
        values["name"] = before["name"]
    standing = {name: before[name] for name in ("status", "open", "since")}
    if later is not None:
        change = _is_change(later.import_id, row.subscriber)
        conn.execute(update(IMPORT_CHANGES).where(*change).values(before=later.before | standing))
    elif row.status == before["to"] != before["status"]:
        values |= standing | {"since": datetime.fromisoformat(before["since"])}
    return values
