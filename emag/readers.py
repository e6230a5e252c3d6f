"""Connects the list's face for editors with the database, the settings and the deliveries."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from emag.audit import record
from emag.audit.entry import AuditKind
from emag.database import Database
from emag.mailing.returns import reports
from emag.mailing.sending import results
from emag.settings import Settings
from subscribers.anchor import Anchor
from subscribers.desk import DataAct, ReaderDesk, ReceivedIssue
from subscribers.tokens import Keys


def reader_desk(
    settings: Settings, database: Database, anchor: Anchor, keys: Keys, now: Callable[[], datetime]
) -> ReaderDesk:
    """Makes the face of the list for one publication."""

    def audit(
        conn: Connection, act: DataAct, /, *, by: str, subject: str, detail: str = ""
    ) -> None:
        record.append(conn, AuditKind(act.value), by=by, now=now(), subject=subject, detail=detail)

    return ReaderDesk(
        transaction=database.transaction,
        reading=database.reading,
        scrub=database.scrub,
        keys=keys,
        anchor=anchor,
        now=now,
        topics=settings.signup.topics,
        latest_reason=reports.latest_reason,
        issues_of=issues_of,
        audit=audit,
    )


def issues_of(conn: Connection, subscriber: int) -> list[ReceivedIssue]:
    """The issues that were made out to a reader, the oldest first."""
    return [
        ReceivedIssue(copy.issue, copy.edition, copy.status, copy.reason, copy.was_received)
        for copy in results.of_reader(conn, subscriber)
    ]
