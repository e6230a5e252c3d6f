"""An import taken back: the list is again as it was, but for who acted since."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlmodel import col

from subscribers.consent import ConsentAct, Evidence
from subscribers.errors import NoSuchImport
from subscribers.exchange.judge import GONE_STANDINGS
from subscribers.membership import ledger, removed
from subscribers.membership.ledger import NewEntry
from subscribers.membership.removed import RemovedReader
from subscribers.standing import Standing
from subscribers.tables import (
    ImportChange,
    ImportRow,
    LegacyLink,
    LetterRow,
    Subscriber,
    Suppression,
)
from subscribers.tokens import Keys

AT_ONCE = 2_000
_PROOF = Evidence("import undone")


def undo_import(
    transaction: Callable[[], AbstractContextManager[Connection]],
    keys: Keys,
    number: int,
    *,
    by: str,
    now: datetime,
) -> dict[str, int]:
    """Removes whom the import brought and restores whom it changed. Raises NoSuchImport.

    Who left, bounced, complained, asked or confirmed since then stays as they are, for that is
    newer: doing so cut their row off from the import. And where a later import said too that
    somebody had left, they are its own from now on.
    """
    with transaction() as conn:
        _claim(conn, number)
    counts = {"removed": 0, "restored": 0}
    for name, some in (("removed", _remove_some), ("restored", _restore_some)):
        is_more = True
        while is_more:
            with transaction() as conn:
                ledger.lock(conn)
                is_more, deeds = some(conn, keys, number, now)
                ledger.append(conn, keys, deeds, now=now)
            counts[name] += len(deeds)
    with transaction() as conn:
        conn.execute(delete(Suppression).where(col(Suppression.import_id) == number))
        conn.execute(
            update(ImportRow).where(col(ImportRow.id) == number).values(undone_at=now, undone_by=by)
        )
    return counts


def _claim(conn: Connection, number: int) -> None:
    row = conn.execute(
        select(col(ImportRow.undone_at)).where(col(ImportRow.id) == number)
    ).one_or_none()
    if row is None:
        raise NoSuchImport(f"There is no import {number}.")
    if row.undone_at is not None:
        raise NoSuchImport(f"Import {number} was undone already.")


def _remove_some(
    conn: Connection, keys: Keys, number: int, now: datetime
) -> tuple[bool, list[NewEntry]]:
    """Some of those whom the import brought, and whether there may be more."""
    brought = select(col(Subscriber.id)).where(col(Subscriber.import_id) == number)
    found = conn.execute(brought.order_by(col(Subscriber.id)).limit(AT_ONCE)).scalars().all()
    numbers = [n for n in found if n]
    heirs = _heirs(conn, numbers, number)
    for subscriber, heir in heirs.items():
        conn.execute(
            update(Subscriber)
            .where(col(Subscriber.id) == subscriber)
            .values(import_id=heir.import_id)
        )
        conn.execute(delete(ImportChange).where(*_change(heir.import_id, subscriber)))
    gone = [n for n in numbers if n not in heirs]
    removed.remember(conn, keys, _readers(conn, gone), now=now)
    _forget(conn, gone)
    return len(numbers) == AT_ONCE, [NewEntry(ConsentAct.UNDONE, n, _PROOF) for n in gone]


def _readers(conn: Connection, numbers: Sequence[int]) -> Iterator[RemovedReader]:
    """Those of them who were written to: the links in their mails must go on working."""
    columns = (col(Subscriber.id), col(Subscriber.ref), col(Subscriber.key))
    active = col(Subscriber.status) == Standing.ACTIVE.value
    for row in conn.execute(select(*columns).where(col(Subscriber.id).in_(numbers), active)):
        yield RemovedReader(row.id or 0, row.ref, row.key)


def _forget(conn: Connection, gone: Sequence[int]) -> None:
    ledger.forget(conn, gone)
    kinds: tuple[Any, ...] = (ImportChange, LetterRow, LegacyLink)
    for kind in kinds:
        conn.execute(delete(kind).where(col(kind.subscriber).in_(gone)))
    conn.execute(delete(Subscriber).where(col(Subscriber.id).in_(gone)))


def _heirs(conn: Connection, subscribers: Sequence[int], number: int) -> dict[int, Any]:
    """The next import's change of each, where it said that they had left."""
    whose = col(ImportChange.subscriber)
    rows = conn.execute(
        select(whose, col(ImportChange.import_id), col(ImportChange.before))
        .where(whose.in_(subscribers), col(ImportChange.import_id) > number)
        .order_by(col(ImportChange.import_id).desc())
    )
    later = [row for row in rows if row.before.get("to") in GONE_STANDINGS]
    return {row.subscriber: row for row in later}


def _change(number: int, subscriber: int) -> tuple[ColumnElement[bool], ...]:
    return (col(ImportChange.import_id) == number, col(ImportChange.subscriber) == subscriber)


def _restore_some(
    conn: Connection, _keys: Keys, number: int, _now: datetime
) -> tuple[bool, list[NewEntry]]:
    """Some of those whom the import changed, and whether there may be more."""
    rows = conn.execute(
        select(
            col(ImportChange.subscriber),
            col(ImportChange.before),
            col(Subscriber.status),
            col(Subscriber.name),
        )
        .join(Subscriber, col(Subscriber.id) == col(ImportChange.subscriber))
        .where(col(ImportChange.import_id) == number)
        .order_by(col(ImportChange.subscriber))
        .limit(AT_ONCE)
    ).all()
    heirs = _heirs(conn, [row.subscriber for row in rows], number)
    deeds = [
        NewEntry(ConsentAct.UNDONE, row.subscriber, _PROOF)
        for row in rows
        if _restore(conn, row, heirs.get(row.subscriber))
    ]
    done = col(ImportChange.subscriber).in_([row.subscriber for row in rows])
    conn.execute(delete(ImportChange).where(col(ImportChange.import_id) == number, done))
    return len(rows) == AT_ONCE, deeds


def _restore(conn: Connection, row: Any, heir: Any) -> bool:
    before = row.before
    values: dict[str, Any] = {}
    if row.name == before["set"] and row.name != before["name"]:
        values["name"] = before["name"]
    standing = {name: before[name] for name in ("status", "open", "since")}
    if heir is not None:
        change = _change(heir.import_id, row.subscriber)
        conn.execute(update(ImportChange).where(*change).values(before=heir.before | standing))
    elif row.status == before["to"] != before["status"]:
        values |= standing | {"since": datetime.fromisoformat(before["since"])}
    if values:
        conn.execute(
            update(Subscriber).where(col(Subscriber.id) == row.subscriber).values(**values)
        )
    return bool(values)
