"""The verb: apply reports."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from emag.database import Database
from emag.mailing.delivery import DeliveryStatus, Report, apply_event
from emag.mailing.event import Event, EventKind
from emag.mailing.tables import DELIVERIES, EVENTS
from subscribers import membership, roll
from subscribers.errors import BadAddress, BadToken
from subscribers.tokens import Keys

_AT_ONCE = 200  # events in one transaction

_D, _E = DELIVERIES.c, EVENTS.c

_What = Literal["bounced", "complained", "left", "soft", "delivered"]
_HEARD: dict[EventKind, _What] = {
    EventKind.DELIVERED: "delivered",
    EventKind.BOUNCED: "bounced",
    EventKind.SOFT: "soft",
    EventKind.COMPLAINED: "complained",
    EventKind.LEFT: "left",
}
_SOFT = re.compile(r"\b(?:5\.2\.\d+|4\.(?!7\.)\d+\.\d+|full|quota)\b", re.IGNORECASE)


def record(conn: Connection, events: Iterable[Event]) -> int:
    """Stores each event once, by its own id; how many were new. Nothing is done about them yet.

    An address is exchanged for the reader's number at once: none is kept here.
    """
    new = 0
    for event in events:
        if event.kind is EventKind.IGNORED:
            continue
        values = {
            "provider": event.provider,
            "event_id": event.id,
            "kind": event.kind.value,
            "at": event.at,
            "mark": event.mark,
            "subscriber": _subscriber(conn, event.address) if event.address else 0,
            "detail": event.detail,
        }
        # PostgreSQL counts no rows of an insert that gives back its number: ask for the number.
        entered = _insert(conn, EVENTS).values(values).on_conflict_do_nothing()
        new += conn.execute(entered.returning(_E.id)).first() is not None
    return new


def _insert(conn: Connection, table: Table) -> Any:
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _subscriber(conn: Connection, address: str) -> int:
    try:
        member = roll.find(conn, address)
    except BadAddress:
        return 0
    return member.id if member else 0


def apply(database: Database, *, keys: Keys, now: datetime) -> int:
    """Acts on what was stored and not acted on, in any order with the same result; how many."""
    applied = 0
    while True:
        with database.transaction() as conn:
            rows = _waiting(conn)
            for row in rows:
                _apply(conn, row, keys, now=now)
            if rows:
                done = _E.id.in_([row.id for row in rows])
                conn.execute(update(EVENTS).where(done).values(applied_at=now))
        applied += len(rows)
        if len(rows) < _AT_ONCE:
            return applied


def _waiting(conn: Connection) -> list[Row[Any]]:
    query = select(EVENTS).where(_E.applied_at.is_(None)).order_by(_E.id).limit(_AT_ONCE)
    return list(conn.execute(query.with_for_update(skip_locked=True)))


def _apply(conn: Connection, row: Row[Any], keys: Keys, *, now: datetime) -> None:
    kind = EventKind(row.kind)
    number = keys.read_short("bounce", row.mark) if row.mark else None
    subscriber = (number and _report(conn, number, kind, now=now)) or row.subscriber
    if row.mark and number is None and not subscriber:
        subscriber = _by_link(conn, keys, row.mark, now=now)
    what = "soft" if kind is EventKind.REFUSED and _is_about_mailbox(row) else _HEARD.get(kind)
    if subscriber and what:
        membership.record_report(conn, keys, subscriber, what, detail=row.detail, now=now)


def _by_link(conn: Connection, keys: Keys, token: str, *, now: datetime) -> int:
    """Whose link to unsubscribe it is: all that some complaints bring back."""
    try:
        member = roll.by_ref(conn, keys.read("unsubscribe", token, now=now))
    except BadToken:
        return 0
    return member.id if member else 0


def _is_about_mailbox(row: Row[Any]) -> bool:
    """Full or for now. Anything else that is refused is about us, and counts against no reader."""
    return bool(_SOFT.search(row.detail))


def _report(conn: Connection, number: int, kind: EventKind, *, now: datetime) -> int:
    """Notes it on the delivery, which it may settle; the reader's number, or 0."""
    query = select(_D.subscriber, _D.status, _D.report).where(_D.id == number).with_for_update()
    row = conn.execute(query).first()
    if row is None:
        return 0
    status, report = DeliveryStatus(row.status), Report(row.report)
    then, reported = apply_event(status, report, kind)
    if (then, reported) != (status, report):
        values: dict[str, Any] = {"status": then.value, "report": reported.value}
        if then is not status:
            values |= {"settled_at": now, "lease_until": None, "reason": "settled by a report"}
        conn.execute(update(DELIVERIES).where(_D.id == number).values(values))
    return int(row.subscriber)
