"""The functions that read and write what the pages of stories say."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlmodel import col

from emag.content import gaps
from emag.content.story import Story, from_dict, to_dict
from emag.content.tables import StoryRow

_OTHERS = 20  # pages of a source to compare one with


@dataclass(frozen=True, slots=True)
class Wanting:
    """A story of the pool whose page is to be read."""

    id: int
    story: Story
    section: str


def wanting(conn: Connection, *, limit: int) -> list[Wanting]:
    """The stories whose pages are to be read, the newest first."""
    row = StoryRow
    query = select(col(row.id), col(row.data), col(row.section)).where(col(row.wants_page))
    newest = query.order_by(col(row.gathered_at).desc(), col(row.id)).limit(limit)
    return [
        Wanting(number, from_dict(data), section) for number, data, section in conn.execute(newest)
    ]


def read_since(conn: Connection, since: datetime) -> Counter[str]:
    """How many pages of each host have been read since a moment."""
    host, at = col(StoryRow.page_host), col(StoryRow.page_read_at)
    query = select(host, func.count()).where(at > since).group_by(host)
    counts: Counter[str] = Counter()
    for name, number in conn.execute(query):
        counts[name] = number
    return counts


def write(
    conn: Connection, wanted: Wanting, page: Story | None, *, host: str, now: datetime
) -> None:
    """Fills in a story from its page, and remembers the page; None where it could not be read."""
    row = StoryRow
    this = update(row).where(col(row.id) == wanted.id)
    values: dict[str, object] = {"wants_page": False, "page_host": host, "page_read_at": now}
    if page:
        page = gaps.without_common(page, _others(conn, wanted))
        data = conn.execute(select(col(row.data)).where(col(row.id) == wanted.id)).scalar_one()
        story = gaps.filled(from_dict(data), page)
        values |= {"page": to_dict(page), "data": to_dict(story), "fingerprint": story.fingerprint}
    conn.execute(this.values(**values))


def _others(conn: Connection, wanted: Wanting) -> list[Story]:
    """What other pages of the same source have said."""
    row = StoryRow
    read = col(row.page).is_not(None) & (col(row.page_read_at).is_not(None))
    of_source = (col(row.source) == wanted.story.source) & (col(row.id) != wanted.id)
    newest = select(col(row.page)).where(read, of_source).order_by(col(row.page_read_at).desc())
    return [from_dict(page) for (page,) in conn.execute(newest.limit(_OTHERS)) if page]
