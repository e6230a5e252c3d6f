"""An import taken back: the list is again as it was, but for who acted since."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlmodel import col

from subscribers.consent import Act, Evidence
from subscribers.errors import NoSuchImport
from subscribers.membership import ledger
from subscribers.membership.ledger import Deed
from subscribers.standing import Standing
from subscribers.tables import ImportChange, ImportRow, LetterRow, Subscriber
from subscribers.tokens import Keys

AT_ONCE = 2_000


def undo(
    transaction: Callable[[], AbstractContextManager[Connection]],
    keys: Keys,
    number: int,
    *,
    now: datetime,
) -> dict[str, int]:
    """Removes whom the import brought and restores whom it changed. Raises NoSuchImport.

    Who has left, bounced, complained or confirmed a sign-up since then stays: that is newer.
    """
    with transaction() as conn:
        _claim(conn, number)
    removed = 0
    while True:
        with transaction() as conn:
            ledger.lock(conn)
            batch = _remove_some(conn, keys, number, now=now)
        removed += batch
        if batch < AT_ONCE:
            break
    with transaction() as conn:
        ledger.lock(conn)
        restored = _restore(conn, keys, number, now=now)
        conn.execute(update(ImportRow).where(col(ImportRow.id) == number).values(undone_at=now))
    return {"removed": removed, "restored": restored}


def _claim(conn: Connection, number: int) -> None:
    row = conn.execute(
        select(col(ImportRow.undone_at)).where(col(ImportRow.id) == number)
    ).one_or_none()
    if row is None:
        raise NoSuchImport(f"There is no import {number}.")
    if row.undone_at is not None:
        raise NoSuchImport(f"Import {number} was undone already.")


def _remove_some(conn: Connection, keys: Keys, number: int, *, now: datetime) -> int:
    ids = conn.execute(
        select(col(Subscriber.id))
        .where(
            col(Subscriber.import_id) == number,
            col(Subscriber.status) == Standing.ACTIVE.value,
        )
        .order_by(col(Subscriber.id))
        .limit(AT_ONCE)
    ).scalars()
    gone = [found for found in ids if found]
    if gone:
        ledger.forget(conn, gone)
        conn.execute(delete(ImportChange).where(col(ImportChange.subscriber).in_(gone)))
        conn.execute(delete(LetterRow).where(col(LetterRow.subscriber).in_(gone)))
        conn.execute(delete(Subscriber).where(col(Subscriber.id).in_(gone)))
        proof = Evidence("import undone")
        ledger.append(conn, keys, [Deed(Act.UNDONE, n, proof) for n in gone], now=now)
    return len(gone)


def _restore(conn: Connection, keys: Keys, number: int, *, now: datetime) -> int:
    rows = conn.execute(
        select(
            col(ImportChange.subscriber),
            col(ImportChange.before),
            col(Subscriber.status),
            col(Subscriber.name),
            col(Subscriber.open),
        )
        .join(Subscriber, col(Subscriber.id) == col(ImportChange.subscriber))
        .where(col(ImportChange.import_id) == number)
    ).all()
    deeds = []
    for row in rows:
        values = _before(row)
        if values:
            conn.execute(
                update(Subscriber).where(col(Subscriber.id) == row.subscriber).values(**values)
            )
            deeds.append(Deed(Act.UNDONE, row.subscriber, Evidence("import undone")))
    conn.execute(delete(ImportChange).where(col(ImportChange.import_id) == number))
    ledger.append(conn, keys, deeds, now=now)
    return len(deeds)


def _before(row: Any) -> dict[str, Any]:
    """What of the row is still as the import left it, as it was before."""
    before = row.before
    values: dict[str, Any] = {}
    if row.name == before["set"] and row.name != before["name"]:
        values["name"] = before["name"]
    if row.status == Standing.ACTIVE.value and before["status"] != row.status:
        values |= {"status": before["status"], "open": before["open"]}
        values["since"] = datetime.fromisoformat(before["since"])
    return values
