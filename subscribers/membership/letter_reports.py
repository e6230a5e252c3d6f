"""Applies what providers and mail servers report about letters to one person."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from subscribers.membership.letters import CHANGE, CONFIRM, record_letter_failed
from subscribers.membership.unsubscribe import Report, record_report
from subscribers.standing import Standing
from subscribers.tables import LETTERS, SUBSCRIBERS
from subscribers.tokens import Keys


def record_letter_report(
    conn: Connection, keys: Keys, number: int, report: Report, *, detail: str = "", now: datetime
) -> int:
    """Applies a report about a letter. Returns the number of its reader, or 0 for no such letter.

    A bounced confirmation ends the sign-up that it belongs to as bounced; an older one changes
    nothing. A letter about a change of address went to another address than the reader's, so what
    becomes of it says nothing about the reader.
    """
    letter: Any = conn.execute(
        select(
            LETTERS.c.kind,
            LETTERS.c.subscriber,
            LETTERS.c.ask,
            SUBSCRIBERS.c.ask.label("latest_ask"),
            SUBSCRIBERS.c.status,
        )
        .join(SUBSCRIBERS, SUBSCRIBERS.c.id == LETTERS.c.subscriber)
        .where(LETTERS.c.id == number)
    ).first()
    if letter is None:
        return 0
    if report == "bounced":
        record_letter_failed(conn, number, reason=detail, permanent=True, now=now)
    is_late = letter.ask != letter.latest_ask or letter.status == Standing.ACTIVE.value
    is_stale = letter.kind == CONFIRM and report == "bounced" and is_late
    if letter.kind != CHANGE and not is_stale:
        record_report(conn, keys, int(letter.subscriber), report, detail=detail, now=now)
    return int(letter.subscriber)
