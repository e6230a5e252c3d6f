"""Stores each report once, and applies it to its delivery or letter and to its reader."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from emag.database import Database
from emag.mailing.delivery import DeliveryStatus, Report, apply_event
from emag.mailing.event import Event, EventKind
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import dialect, membership, roll
from subscribers.errors import BadAddress, BadToken
from subscribers.tokens import Keys

_BATCH = 200  # events in one transaction
_D, _E = DELIVERIES.c, EVENTS.c

# Built once: to build them for every event costs more than the database does.
_DELIVERY = (
    select(_D.subscriber, _D.status, _D.report)
    .where(_D.id == bindparam("delivery"))
    .with_for_update()
)
_APPLIED = (
    update(EVENTS)
    .where(_E.id == bindparam("event"))
    .values(applied_at=bindparam("now"), subscriber=bindparam("reader"))
)

# What an event means to the list; the other kinds mean nothing to it.
_FOR_THE_LIST: dict[EventKind, membership.Report] = {
    EventKind.DELIVERED: "delivered",
    EventKind.HARD: "bounced",
    EventKind.SOFT: "soft",
    EventKind.COMPLAINT: "complained",
    EventKind.UNSUBSCRIBED: "left",
}
_NOT_STORED = frozenset({EventKind.NONE, EventKind.AUTOREPLY})
# The kinds whose detail is the reason why a message did not arrive or was not wanted.
_WITH_REASON = frozenset({EventKind.HARD, EventKind.SOFT, EventKind.POLICY, EventKind.COMPLAINT})


def count_waiting(conn: Connection) -> int:
    """The number of events that are stored and not applied yet."""
    query = select(func.count()).select_from(EVENTS).where(EVENTS.c.applied_at.is_(None))
    return int(conn.execute(query).scalar_one())


def last_applied_at(conn: Connection) -> datetime | None:
    """When a report was last applied; None before the first one."""
    return conn.execute(select(func.max(EVENTS.c.applied_at))).scalar()


def receive(database: Database, events: Iterable[Event]) -> int:
    """Stores events in a transaction of its own. Returns how many were new."""
    with database.transaction() as conn:
        return record(conn, events)


def record(conn: Connection, events: Iterable[Event]) -> int:
    """Stores each event once, by the provider's id. Returns how many were new.

    Stores the reader's number instead of an address. `apply` acts on the events later.
    """
    rows = [_row(conn, event) for event in events if event.kind not in _NOT_STORED]
    if not rows:
        return 0
    # Many rows in one statement take a tenth of the time. PostgreSQL counts no rows of an insert
    # that does nothing for some of them, so ask for their numbers.
    insert = dialect.insert(conn, EVENTS).on_conflict_do_nothing().returning(_E.id)
    return len(conn.execute(insert, rows).all())


def _row(conn: Connection, event: Event) -> dict[str, Any]:
    return {
        "provider": event.provider,
        "event_id": event.id,
        "kind": event.kind.value,
        "at": event.at,
        "mark": event.mark,
        "subscriber": _subscriber(conn, event.address) if event.address else 0,
        "detail": event.detail,
    }


def _subscriber(conn: Connection, address: str) -> int:
    try:
        member = roll.find(conn, address)
    except BadAddress:
        return 0
    return member.id if member else 0


def apply(database: Database, *, keys: Keys, now: datetime) -> int:
    """Applies the stored events that are not applied yet. Returns how many.

    The result is the same in whatever order the events arrived.
    """
    applied = 0
    while True:
        with database.transaction() as conn:
            rows = _waiting(conn)
            values = [
                {"event": row.id, "reader": _apply(conn, row, keys, now=now), "now": now}
                for row in rows
            ]
            if values:
                conn.execute(_APPLIED, values)
        applied += len(rows)
        if len(rows) < _BATCH:
            return applied


def _waiting(conn: Connection) -> list[Row[Any]]:
    query = select(EVENTS).where(_E.applied_at.is_(None)).order_by(_E.id).limit(_BATCH)
    return list(conn.execute(query.with_for_update(skip_locked=True)))


def _apply(conn: Connection, row: Row[Any], keys: Keys, *, now: datetime) -> int:
    """Applies one event. Returns the reader's number, or 0 for an event about no known reader."""
    fact = _FOR_THE_LIST.get(EventKind(row.kind))
    letter = keys.read_short("confirm", row.mark) if row.mark else None
    if letter is not None and fact:
        reader = membership.record_letter_report(
            conn, keys, letter, fact, detail=row.detail, now=now
        )
        if reader:
            return reader
    reader = _reader(conn, row, keys, now=now)
    if reader and fact:
        membership.record_report(conn, keys, reader, fact, detail=row.detail, now=now)
    return reader


def _reader(conn: Connection, row: Row[Any], keys: Keys, *, now: datetime) -> int:
    """The reader by the delivery's mark, by the address, or by the token of an unsubscribe link."""
    delivery = keys.read_short("bounce", row.mark) if row.mark else None
    reader = _report_delivery(conn, delivery, row, now=now) if delivery else 0
    if reader or row.subscriber or delivery is not None or not row.mark:
        return reader or int(row.subscriber)
    try:
        member = roll.by_ref(conn, keys.read("unsubscribe", row.mark, now=now))
    except BadToken:
        return 0
    return member.id if member else 0


def _report_delivery(conn: Connection, number: int, row: Row[Any], *, now: datetime) -> int:
    """Notes an event on its delivery, which it may settle. Returns the reader's number, or 0."""
    delivery = conn.execute(_DELIVERY, {"delivery": number}).first()
    if delivery is None:
        return 0
    kind = EventKind(row.kind)
    before = DeliveryStatus(delivery.status), Report(delivery.report)
    status, report = apply_event(*before, kind)
    values: dict[str, Any] = {}
    if (status, report) != before:
        values = {"status": status.value, "report": report.value}
    if status is not before[0]:
        values |= {"settled_at": now, "lease_until": None, "reason": "settled by a report"}
    is_stronger = report is not before[1] or kind is EventKind.HARD
    if row.detail and kind in _WITH_REASON and is_stronger and status is DeliveryStatus.ACCEPTED:
        values["reason"] = row.detail
    if values:
        conn.execute(update(DELIVERIES).where(_D.id == number).values(values))
    return int(delivery.subscriber)


def latest_reason(conn: Connection, subscriber: int) -> str:
    """Why the latest message to a reader bounced, was refused or led to a complaint.

    In the server's words, without addresses; “” where there is no such message.
    """
    kinds = [kind.value for kind in _WITH_REASON]
    reported = (
        select(_E.detail.label("reason"), _E.at)
        .where(_E.subscriber == subscriber, _E.kind.in_(kinds), _E.detail != "")
        .order_by(_E.at.desc(), _E.id.desc())
        .limit(1)
    )
    refused = (
        select(_D.reason, _D.settled_at.label("at"))
        .where(_D.subscriber == subscriber, _D.status == DeliveryStatus.REFUSED.value)
        .order_by(_D.id.desc())
        .limit(1)
    )
    rows = [row for query in (reported, refused) if (row := conn.execute(query).first())]
    latest = max(rows, key=lambda row: row.at.timestamp() if row.at else 0.0, default=None)
    return latest.reason if latest else ""
