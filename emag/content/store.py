"""The functions that read and write the table of stories."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, update

from emag.content.pool import Candidate, PooledStory
from emag.content.story import Story, from_dict, to_dict
from emag.content.tables import STORIES
from subscribers import dialect

BATCH = 500  # keys in one query
_MOVE = (
    update(STORIES)
    .where(
        STORIES.c.source == bindparam("of"),
        STORIES.c.section != bindparam("to"),
        STORIES.c.added_by == "",
    )
    .values(section=bindparam("to"), is_open=True)
)


def candidates(conn: Connection, *, until: datetime | None = None) -> list[Candidate]:
    """The whole pool in the order of gathering, or what was gathered by `until`."""
    query = _candidates()
    if until is not None:
        query = query.where(STORIES.c.gathered_at <= until)
    return _read(conn, query)


def open_candidates(conn: Connection, *, after: datetime | None = None) -> list[Candidate]:
    """The candidates that drafting still looks at, or those of them gathered after a moment."""
    query = _candidates().where(STORIES.c.is_open)
    if after is not None:
        query = query.where(STORIES.c.gathered_at > after)
    return _read(conn, query)


def open_ids() -> Select[Any]:
    """A query for the numbers of the open candidates, for use inside other queries."""
    return select(STORIES.c.id).where(STORIES.c.is_open)


def close(conn: Connection, ids: Select[Any]) -> None:
    """Makes drafting pass over the candidates that the query `ids` gives.

    A refreshed candidate, or one whose source feeds another section, is open again.
    """
    closed = update(STORIES).where(STORIES.c.is_open, STORIES.c.id.in_(ids))
    conn.execute(closed.values(is_open=False))


def by_ids(conn: Connection, ids: Iterable[int]) -> dict[int, Candidate]:
    """Those of `ids` that exist."""
    result = {}
    for batch in _batches(sorted(set(ids))):
        for candidate in _read(conn, _candidates().where(STORIES.c.id.in_(batch))):
            result[candidate.id] = candidate
    return result


def by_identity(conn: Connection, identities: Collection[str]) -> dict[str, PooledStory]:
    """What the pool holds of these stories, by identity."""
    return _pooled(conn, STORIES.c.identity, identities)


def by_guid(conn: Connection, source: str, guids: Collection[str]) -> dict[str, PooledStory]:
    """What the pool holds of a source's stories, by their guids."""
    return _pooled(conn, STORIES.c.guid, guids, STORIES.c.source == source)


@dataclass(frozen=True, slots=True)
class NewStory:
    """A story to add to the pool. Its fields are those of a candidate."""

    story: Story
    section: str
    from_archive: bool = False
    added_by: str = ""
    wants_page: bool = False


def admit(
    conn: Connection,
    story: Story,
    *,
    section: str,
    now: datetime,
    from_archive: bool = False,
    added_by: str = "",
    wants_page: bool = False,
) -> bool:
    """Adds a candidate. False where another gather added it at the same moment."""
    new = NewStory(story, section, from_archive, added_by, wants_page)
    return admit_all(conn, [new], now=now) == 1


def admit_all(conn: Connection, stories: Sequence[NewStory], *, now: datetime) -> int:
    """Adds candidates, and returns how many of them nobody added at the same moment."""
    if not stories:
        return 0
    statement = dialect.insert_new(conn, STORIES, key="identity", returning="id")
    values = [
        _values(new.story, new.section, now)
        | {"gathered_at": now, "from_archive": new.from_archive}
        | {"added_by": new.added_by, "wants_page": new.wants_page}
        for new in stories
    ]
    return len(conn.execute(statement, values).all())


def refresh(conn: Connection, story: Story, *, id: int, section: str, now: datetime) -> None:  # noqa: A002 - the row's word
    """Replaces a candidate by what its source shows now; when it was first gathered stays."""
    values = _values(story, section, now)
    conn.execute(update(STORIES).where(STORIES.c.id == id).values(values))


def readmit(conn: Connection, id: int, *, now: datetime, added_by: str) -> None:  # noqa: A002 - the row's word
    """Makes a story that drafting passes over new again, because an editor has added it."""
    row = update(STORIES).where(STORIES.c.id == id)
    values = {"is_open": True, "from_archive": False, "gathered_at": now, "added_by": added_by}
    conn.execute(row.values(**values))


def mark_closed(conn: Connection, reasons: Mapping[int, str]) -> None:
    """Records why stories are over, by what their pages answered; "" for one that is not."""
    for number, reason in reasons.items():
        row = update(STORIES).where(STORIES.c.id == number, STORIES.c.closed != reason)
        conn.execute(row.values(closed=reason))


def move(conn: Connection, source: str, *, section: str) -> None:
    """Moves all stories of a source to the section that it feeds now.

    A story that an editor added stays in the section that they chose.
    """
    conn.execute(_MOVE, {"of": source, "to": section})


def has_stories(conn: Connection, source: str) -> bool:
    """False until a source has given its first story."""
    query = select(STORIES.c.id).where(STORIES.c.source == source).limit(1)
    return conn.execute(query).first() is not None


def _values(story: Story, section: str, now: datetime) -> dict[str, Any]:
    return {
        "identity": story.identity,
        "source": story.source,
        "guid": story.guid,
        "is_open": True,
        "section": section,
        "fingerprint": story.fingerprint,
        "data": to_dict(story),
        "changed": now,
        "closed": "",  # its page is asked again
    }


def _candidates() -> Select[Any]:
    names = ("id", "data", "gathered_at", "section", "from_archive", "closed", "added_by")
    columns = [STORIES.c[name] for name in names]
    return select(*columns).order_by(STORIES.c.gathered_at, STORIES.c.id)


def _read(conn: Connection, query: Select[Any]) -> list[Candidate]:
    return [
        Candidate(number, from_dict(data), *facts)
        for number, data, *facts in conn.execute(query).all()
    ]


def _pooled(
    conn: Connection, key: Any, values: Collection[str], *where: ColumnElement[bool]
) -> dict[str, PooledStory]:
    result = {}
    columns = [key, *(STORIES.c[field.name] for field in fields(PooledStory))]
    for batch in _batches(sorted(set(values))):
        for value, *row in conn.execute(select(*columns).where(key.in_(batch), *where)):
            result[value] = PooledStory(*row)
    return result


def _batches(keys: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]
