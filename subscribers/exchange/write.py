"""Writes one batch of an import: new readers, changed readers, and their consent entries."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, update

from subscribers.address import Address, clean_name
from subscribers.consent import ConsentAct
from subscribers.exchange import lookup
from subscribers.exchange.evidence import ImportContext, entry
from subscribers.exchange.row import Row, RowStatus
from subscribers.membership import bulk, ledger, person, removed
from subscribers.membership.ledger import NewEntry
from subscribers.standing import Record, Standing
from subscribers.tables import IMPORT_CHANGES, SUBSCRIBERS

_ACTS = {
    RowStatus.READER: ConsentAct.IMPORTED,
    RowStatus.LEFT: ConsentAct.LEFT,
    RowStatus.BOUNCED: ConsentAct.BOUNCED,
    RowStatus.COMPLAINED: ConsentAct.COMPLAINED,
}


class NewReader(NamedTuple):
    """Somebody whom the import adds."""

    row: Row
    address: Address
    standing: Standing


class Change(NamedTuple):
    """Somebody on the list whom the import changes. `current` is their row before."""

    row: Row
    address: Address
    current: Any
    record: Record
    name: str


def write(
    conn: Connection,
    context: ImportContext,
    new: Sequence[NewReader],
    changes: Sequence[Change],
    claims: Sequence[tuple[int, dict[str, Any]]],
) -> None:
    """Writes everything, with how to take it back. `claims` are readers who stay as they are."""
    entries = [*_insert(conn, context, new), *_update(conn, context, changes, claims)]
    ledger.append(conn, context.keys, entries, now=context.now)


def before_change(current: Any, name: str, status: str) -> dict[str, Any]:
    """How to take a change back: the old values, and in `set` and `to` the new ones."""
    return {
        "status": current.status,
        "open": current.open,
        "since": current.since.isoformat(),
        "name": current.name,
        "set": name,
        "to": str(status),
    }


def _insert(conn: Connection, context: ImportContext, new: Sequence[NewReader]) -> list[NewEntry]:
    numbers = bulk.reserve(conn, SUBSCRIBERS, len(new)) if new else ()
    keys_of = (reader.address.key for reader in new)
    by_key = dict(zip(keys_of, numbers, strict=True))
    removed.assign_successors(conn, context.keys, by_key)
    # Rows with the same status, topics and pause are written together.
    groups: defaultdict[Any, list[tuple[Any, ...]]] = defaultdict(list)
    entries, shared = [], None
    group: list[tuple[Any, ...]] = []
    for (row, address, standing), number, ref in zip(new, numbers, _refs(conn, new), strict=True):
        name = clean_name(row.name) if row.name else ""
        if (standing, row.topics, row.paused_until) != shared:
            shared = (standing, row.topics, row.paused_until)
            group = groups[shared]
        group.append((number, ref, address.text, address.key, name))
        entries.append(entry(context, number, row, address.text, _ACTS[row.status]))
    for (standing, topics, paused_until), rows in groups.items():
        bulk.put(
            conn,
            SUBSCRIBERS,
            ("id", "ref", "address", "key", "name"),
            rows,
            status=standing.value,
            topics=list(topics),
            paused_until=paused_until,
            since=context.now,
            joined_at=context.now,
            import_id=context.number,
        )
    return entries


def _refs(conn: Connection, new: Sequence[NewReader]) -> Sequence[str]:
    """New refs; or those of the file, so that links in old mails work, unless they are in use."""
    refs = person.new_refs(len(new))
    wanted = {reader.row.ref for reader in new if reader.row.ref}
    if not wanted:
        return refs
    free = wanted - lookup.used_refs(conn, wanted)
    chosen = []
    for reader, ref in zip(new, refs, strict=True):
        is_free = reader.row.ref in free
        free.discard(reader.row.ref)  # the same ref twice in a file is used once
        chosen.append(reader.row.ref if is_free else ref)
    return chosen


def _update(
    conn: Connection,
    context: ImportContext,
    changes: Sequence[Change],
    claims: Sequence[tuple[int, dict[str, Any]]],
) -> list[NewEntry]:
    values = [_values(context, change) for change in changes]
    befores = [
        (change.current.id, before_change(change.current, change.name, change.record.standing))
        for change in changes
    ]
    befores += claims
    if values:
        names = ("status", "open", "name", "since")
        conn.execute(
            update(SUBSCRIBERS)
            .where(SUBSCRIBERS.c.id == bindparam("number"))
            .values({name: bindparam(name) for name in names}),
            values,
        )
    if befores:
        conn.execute(
            IMPORT_CHANGES.insert(),
            [{"import_id": context.number, "subscriber": n, "before": b} for n, b in befores],
        )
    return [
        entry(context, change.current.id, change.row, change.address.text, _act(change))
        for change in changes
    ]


def _values(context: ImportContext, change: Change) -> dict[str, Any]:
    moved = change.record.standing != change.current.status
    return {
        "number": change.current.id,
        "status": change.record.standing.value,
        "open": change.record.open,
        "name": change.name,
        "since": context.now if moved else change.current.since,
    }


def _act(change: Change) -> ConsentAct:
    """An entry must not claim a status that the reader does not get."""
    is_moved = change.record.standing != change.current.status
    is_reader = change.row.status is RowStatus.READER
    return _ACTS[change.row.status] if is_moved or is_reader else ConsentAct.CHANGED
