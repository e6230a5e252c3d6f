"""Marks the events that a calendar does not show any more, and those that it shows again."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from emag.content.closing import WITHDRAWN
from emag.content.tables import STORIES


def withdraw(conn: Connection, source: str, *, names: AbstractSet[str], now: datetime) -> None:
    """Closes the source's events to come that are not in `names`, and opens those that are again.

    `names` are the guids of all events to come that the source shows.
    """
    times = [STORIES.c.data[name].as_string() for name in ("starts", "ends")]
    to_come = or_(*(time >= now.isoformat() for time in times))
    columns = (STORIES.c.id, STORIES.c.guid, STORIES.c.closed)
    rows = conn.execute(select(*columns).where(STORIES.c.source == source, to_come)).all()
    withdrawn = [number for number, guid, closed in rows if guid not in names and not closed]
    shown_again = [number for number, guid, closed in rows if guid in names and closed == WITHDRAWN]
    for numbers, reason in ((withdrawn, WITHDRAWN), (shown_again, "")):
        for number in numbers:
            row = update(STORIES).where(STORIES.c.id == number)
            conn.execute(row.values(closed=reason, is_open=True))
