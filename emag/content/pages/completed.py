"""The functions that read and write what the pages of stories say."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, or_, select, update

from emag.content.pages import gaps
from emag.content.pages.page import Links
from emag.content.story import Story, from_dict, to_dict
from emag.content.tables import STORIES, STORY_PAGES
from subscribers import dialect

_OTHERS = 20  # pages of a host to compare one with
_BATCH = 500  # keys in one query
# Before a page that did not answer is tried again: the first, second and third time.
PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Wanting:
    """A story whose page is to be read. `id` is 0 for one that is not in the pool.

    `links` is what a source says of the pages that it names; such a page alone tells the story.
    """

    id: int
    story: Story
    section: str
    links: Links | None = None


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page that was read: its story, or none where it could not be read."""

    story: Story | None
    read_at: datetime
    failures: int = 0

    @property
    def may_come(self) -> bool:
        """True for a page that did not answer, and is tried again later."""
        return 0 < self.failures <= len(PAUSES)

    def is_due(self, now: datetime) -> bool:
        return self.may_come and self.read_at + PAUSES[self.failures - 1] <= now


def wanting(conn: Connection, *, limit: int, now: datetime) -> list[Wanting]:
    """The stories of the pool whose pages are to be read or tried again, the newest first."""
    row, page = STORIES, STORY_PAGES
    waits = (
        and_(page.c.failures == n, page.c.read_at > now - pause)
        for n, pause in enumerate(PAUSES, 1)
    )
    waiting = select(page.c.identity).where(or_(*waits))
    query = select(row.c.id, row.c.data, row.c.section).where(
        row.c.wants_page, row.c.identity.not_in(waiting)
    )
    newest = query.order_by(row.c.gathered_at.desc(), row.c.id).limit(limit)
    return [
        Wanting(number, from_dict(data), section) for number, data, section in conn.execute(newest)
    ]


def pages(conn: Connection, identities: Collection[str]) -> dict[str, Story | None]:
    """Those of these pages that have been read; None for one that cannot be."""
    of_pages = records(conn, identities)
    return {identity: page.story for identity, page in of_pages.items() if not page.may_come}


def records(conn: Connection, identities: Collection[str]) -> dict[str, PageRecord]:
    """Those of these pages that have been read, or were tried."""
    row, keys = STORY_PAGES, sorted(identities)
    query = select(row.c.identity, row.c.page, row.c.read_at, row.c.failures)
    result: dict[str, PageRecord] = {}
    for start in range(0, len(keys), _BATCH):
        batch = query.where(row.c.identity.in_(keys[start : start + _BATCH]))
        for identity, page, read_at, failures in conn.execute(batch):
            result[identity] = PageRecord(from_dict(page) if page else None, read_at, failures)
    return result


def read_since(conn: Connection, since: datetime) -> Counter[str]:
    """How many pages of each host have been read since a moment."""
    host, at = STORY_PAGES.c.host, STORY_PAGES.c.read_at
    query = select(host, func.count()).where(at > since).group_by(host)
    counts: Counter[str] = Counter()
    for name, number in conn.execute(query):
        counts[name] = number
    return counts


def remember(
    conn: Connection,
    wanted: Wanting,
    page: Story | None,
    *,
    host: str,
    now: datetime,
    may_come: bool = False,
) -> PageRecord:
    """Keeps what a page says of its story, without what it says of its site.

    `may_come` says of one that could not be read that it may be there later.
    """
    identity = wanted.story.identity
    facts = gaps.without_common(page, _others(conn, host)) if page else None
    before = records(conn, {identity}).get(identity)
    failures = 1 + (before.failures if before else 0) if may_come else 0
    values = {"read_at": now, "page": to_dict(facts) if facts else None, "failures": failures}
    statement = dialect.insert(conn, STORY_PAGES).values(identity=identity, host=host, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["identity"], set_=values))
    return PageRecord(facts, now, failures)


def fill(conn: Connection, wanted: Wanting, record: PageRecord) -> None:
    """Fills in a story of the pool from its page; one that may still come is waited for."""
    row = STORIES
    values: dict[str, object] = {"wants_page": record.may_come}
    if record.story:
        data = conn.execute(select(row.c.data).where(row.c.id == wanted.id)).scalar_one()
        story = gaps.filled(from_dict(data), record.story)
        values |= {"data": to_dict(story), "fingerprint": story.fingerprint}
    conn.execute(update(row).where(row.c.id == wanted.id).values(**values))


def _others(conn: Connection, host: str) -> list[Story]:
    """What other pages of the same host have said."""
    row = STORY_PAGES
    newest = select(row.c.page).where(row.c.host == host).order_by(row.c.read_at.desc())
    return [from_dict(page) for (page,) in conn.execute(newest.limit(_OTHERS)) if page]
