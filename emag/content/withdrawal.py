"""Marks the events that their source does not show any more, and those that it shows again.

A calendar tells all its events. A feed tells its newest entries, and a list the events between its
first and its last: one that belongs there, is missing, and whose page is gone was withdrawn.
"""

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import ColumnElement, Connection, or_, select, update

from emag.content.closing import UNANNOUNCED, WITHDRAWN
from emag.content.story import Kind, Story, from_dict
from emag.content.tables import STORIES

_FEW = 3  # entries; a shorter list shows no order


@dataclass(frozen=True, slots=True)
class MissingEvent:
    """An event to come that its source should show, and does not."""

    id: int
    link: str


def withdraw(conn: Connection, source: str, *, names: AbstractSet[str], now: datetime) -> None:
    """Closes the source's events to come that are not in `names`, and opens those that are again.

    `names` are the guids of all events to come that the source shows.
    """
    columns = (STORIES.c.id, STORIES.c.guid, STORIES.c.closed)
    rows = conn.execute(select(*columns).where(*_to_come(source, now))).all()
    close(conn, [number for number, guid, closed in rows if guid not in names and not closed])
    shown_again = [number for number, guid, closed in rows if guid in names and closed == WITHDRAWN]
    _mark(conn, shown_again, "")


def close(conn: Connection, numbers: Collection[int | None], reason: str = WITHDRAWN) -> None:
    """Records that these events are withdrawn."""
    _mark(conn, numbers, reason)


def show_again(conn: Connection, source: str, entries: Sequence[Story]) -> None:
    """Opens the withdrawn events that a feed or page shows again."""
    identities = [story.identity for story in entries if story.kind is Kind.EVENT]
    withdrawn = STORIES.c.closed.in_((UNANNOUNCED, WITHDRAWN))
    numbers = select(STORIES.c.id).where(
        STORIES.c.source == source, withdrawn, STORIES.c.identity.in_(identities)
    )
    _mark(conn, list(conn.execute(numbers).scalars()) if identities else [], "")


def missing(
    conn: Connection, source: str, entries: Sequence[Story], *, now: datetime
) -> list[MissingEvent]:
    """The events to come that belong among those that a feed or page shows, and are not there."""
    columns = (STORIES.c.id, STORIES.c.data)
    query = select(*columns).where(*_to_come(source, now), STORIES.c.closed == "")
    names = {story.identity for story in entries} | {story.guid for story in entries if story.guid}
    return [
        MissingEvent(number, event.link)
        for number, event in ((n, from_dict(data)) for n, data in conn.execute(query))
        if event.kind is Kind.EVENT and not names & {event.identity, event.guid}
        if belongs(event, entries)
    ]


def belongs(event: Story, entries: Sequence[Story]) -> bool:
    """True where a list that shows these stories in an order would show the event, too."""
    published = [story.published for story in entries if story.published]
    if event.published and _is_sorted(published[::-1], entries):
        return event.published > published[-1]
    starts = [story.starts for story in entries if story.starts]
    if event.starts and _is_sorted(starts, entries):
        return starts[0] < event.starts < starts[-1]
    return False


def _is_sorted(times: Sequence[datetime], entries: Sequence[Story]) -> bool:
    """True where all entries have a time, and stand in its order."""
    is_whole = len(times) == len(entries) >= _FEW
    return is_whole and all(a <= b for a, b in pairwise(times)) and times[0] < times[-1]


def _to_come(source: str, now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    times = [STORIES.c.data[name].as_string() for name in ("starts", "ends")]
    return STORIES.c.source == source, or_(*(time >= now.isoformat() for time in times))


def _mark(conn: Connection, numbers: Collection[int | None], reason: str) -> None:
    for number in numbers:
        row = update(STORIES).where(STORIES.c.id == number)
        conn.execute(row.values(closed=reason, is_open=True))
