"""The queue of alerts: written with the letter to the editors, handed over later."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from emag.alerts.tables import ALERTS
from subscribers import dialect

WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 240))
LEASE = timedelta(minutes=5)
REMEMBERED = timedelta(days=30)
_A = ALERTS.c


def queue(
    conn: Connection, channels: Iterable[str], *, key: str, subject: str, text: str, now: datetime
) -> None:
    """Queues an alert for each channel, once of each key."""
    values = {"key": key, "at": now, "subject": subject, "text": text, "not_before": now}
    rows = [
        values | {"channel": channel, "attempts": 0, "reason": "", "ended_at": None}
        for channel in channels
    ]
    if rows:
        conn.execute(dialect.insert(conn, ALERTS).values(rows).on_conflict_do_nothing())


def claim(conn: Connection, channel: str, *, now: datetime) -> list[Row[Any]]:
    """Claims what is due for a channel: no other process gets it until the lease is over."""
    due = (_A.channel == channel, _A.ended_at.is_(None), _A.not_before <= now)
    query = select(ALERTS).where(*due).order_by(_A.id).limit(20)
    rows = list(conn.execute(query.with_for_update(skip_locked=True)))
    if rows:
        claimed = update(ALERTS).where(_A.id.in_([row.id for row in rows]))
        conn.execute(claimed.values(not_before=now + LEASE, attempts=_A.attempts + 1))
    return rows


def record(conn: Connection, alert: int, reason: str, *, attempts: int, now: datetime) -> None:
    """Records the outcome of an attempt; the reason is empty for a success. At last it gives up."""
    is_over = not reason or attempts >= len(WAITS)
    later = now if is_over else now + WAITS[attempts]
    values = {"ended_at": now if is_over else None, "not_before": later, "reason": reason}
    conn.execute(update(ALERTS).where(_A.id == alert).values(values))


def withdraw(conn: Connection, prefix: str, *, now: datetime) -> None:
    """Ends the alerts that were never handed over and whose keys begin so."""
    about = (_A.key.startswith(prefix, autoescape=True), _A.ended_at.is_(None))
    values = {"ended_at": now, "reason": "It was over before this could be handed over"}
    conn.execute(update(ALERTS).where(*about).values(values))


def forget(conn: Connection, *, now: datetime) -> None:
    """Deletes what ended long ago."""
    conn.execute(delete(ALERTS).where(_A.ended_at < now - REMEMBERED))
