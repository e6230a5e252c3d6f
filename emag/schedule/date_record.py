"""Records what an editor decided about a date: with the dates, and in the audit record."""

from datetime import datetime

from sqlalchemy import Connection

from emag.audit import record as audit
from emag.audit.entry import AuditKind
from emag.dates import store
from emag.dates.calendar import DateChange


def record(conn: Connection, change: DateChange, *, now: datetime) -> None:
    """Writes the change, in the caller's transaction."""
    store.record(conn, change, now=now)
    subject = change.usual.isoformat()
    detail = f"move to {change.to.isoformat()}" if change.to else change.kind
    by, kind = change.by, AuditKind.DATE_CHANGED
    audit.append(conn, kind, by=by, now=now, subject=subject, detail=detail)
