"""Reads every source, and admits or refreshes its stories in the pool."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from emag.content import pool, store
from emag.content.sources import Memory, Reading, Source
from emag.content.story import Kind, Story
from emag.database import Database
from emag.errors import SourceError

THREADS = 8  # sources read at the same time

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The outcome of one source.

    `entries` counts what it shows, `new` and `changed` the stories that were admitted or
    refreshed, and `refused` the entries that cannot be stories. `notes` say why.
    """

    name: str
    ok: bool
    entries: int = 0
    new: int = 0
    changed: int = 0
    refused: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()


def gather(
    database: Database,
    sources: Sequence[Source],
    *,
    now: datetime,
    within: timedelta | None = None,
) -> list[Gathered]:
    """Reads the sources; returns one outcome for each, in order. No source stops another.

    All are read at the same time, with no transaction open. Each is then written in its own. A
    source that takes longer than `within` counts as one that could not be read.
    """
    if not sources:
        return []
    with database.reading() as conn:
        memories = [store.memory(conn, source.name) for source in sources]
    readings = _read_all(sources, memories, within)
    active = frozenset(source.name for source in sources)
    return [
        _remember(database, source, reading, active=active, now=now)
        for source, reading in zip(sources, readings, strict=True)
    ]


def _read_all(
    sources: Sequence[Source], memories: Sequence[Memory], within: timedelta | None
) -> list[Reading | str]:
    threads = ThreadPoolExecutor(min(THREADS, len(sources)), thread_name_prefix="gather")
    futures = [
        threads.submit(_read, source, memory)
        for source, memory in zip(sources, memories, strict=True)
    ]
    finished, _ = wait(futures, timeout=within.total_seconds() if within else None)
    threads.shutdown(wait=False, cancel_futures=True)
    return [f.result() if f in finished else "it did not answer in time" for f in futures]


def _read(source: Source, memory: Memory) -> Reading | str:
    """What the source gives, or the sentence that says why it gives nothing."""
    try:
        return source.read(memory)
    except SourceError as reason:
        return str(reason)
    except Exception as error:  # noqa: BLE001 - one adapter's fault must not cost the other sources
        _log.exception("The source %s could not be read", source.name)
        return f"it could not be read because of a fault in the program ({type(error).__name__})"


def _remember(
    database: Database,
    source: Source,
    reading: Reading | str,
    *,
    active: frozenset[str],
    now: datetime,
) -> Gathered:
    if isinstance(reading, str):
        return _failed(database, source, reading, now=now)
    try:
        return _store(database, source, reading, active=active, now=now)
    except DataError as error:  # a value that this database cannot hold
        _log.exception("The stories of %s could not be stored", source.name)
        return _failed(
            database, source, f"it could not be stored ({type(error).__name__})", now=now
        )


def _failed(database: Database, source: Source, reason: str, *, now: datetime) -> Gathered:
    with database.transaction() as conn:
        store.failed(conn, source.name, reason, now=now)
    return Gathered(source.name, ok=False, error=reason)


def _store(
    database: Database, source: Source, reading: Reading, *, active: frozenset[str], now: datetime
) -> Gathered:
    with database.transaction() as conn:
        intake = _Intake(conn, source, reading.stories, active=active, now=now)
        for story in reading.stories:
            intake.take(story)
        store.move(conn, source.name, section=source.section)
        entries = store.succeeded(conn, source.name, reading, now=now)
    shared = [f"{link} is shared by several entries" for link in intake.shared_links]
    return Gathered(
        source.name,
        ok=True,
        entries=entries,
        new=intake.new,
        changed=intake.changed,
        refused=reading.refused,
        notes=(*reading.notes, *shared),
    )


class _Intake:
    """Takes the stories of one reading into the pool, and counts them."""

    def __init__(
        self,
        conn: Connection,
        source: Source,
        stories: Sequence[Story],
        *,
        active: frozenset[str],
        now: datetime,
    ) -> None:
        self.new = self.changed = 0
        self.shared_links: dict[str, None] = {}
        self._conn, self._source, self._active, self._now = conn, source, active, now
        self._identities: set[str] = set()
        self._is_first = not store.has_stories(conn, source.name)
        self._pooled = store.by_identity(conn, {story.identity for story in stories})
        self._by_guid = store.by_guid(conn, source.name, _names(stories))

    def take(self, story: Story) -> None:
        """Admits or refreshes one story, unless another source keeps it."""
        if story.identity in self._identities:
            self.shared_links[story.link] = None
            return
        self._identities.add(story.identity)
        story = _without_future_date(story, self._now)
        pooled = self._pooled.get(story.identity) or self._corrected(story)
        if pool.belongs_to(pooled, self._source.name, active=self._active):
            self._write(pooled, story)

    def _corrected(self, story: Story) -> pool.PooledStory | None:
        """The story with the same guid and another link, if this is a correction of it."""
        pooled = self._by_guid.get(story.guid)
        if pooled is None:
            return None
        before = store.by_ids(self._conn, [pooled.id])[pooled.id].story
        is_shown_too = before.identity in self._pooled  # then they are two entries of the source
        return pooled if not is_shown_too and pool.is_correction(before, story) else None

    def _write(self, pooled: pool.PooledStory | None, story: Story) -> None:
        intent = pool.judge(pooled, story)
        section, now = self._source.section, self._now
        if intent is pool.Intent.ADMIT:
            self.new += store.admit(
                self._conn, story, section=section, now=now, from_archive=self._is_first
            )
        elif intent is pool.Intent.REFRESH and pooled:
            store.refresh(self._conn, story, id=pooled.id, section=section, now=now)
            self.changed += 1


def _names(stories: Sequence[Story]) -> set[str]:
    """The guids that name one story each. A feed may give all its entries the same one."""
    links: dict[str, set[str]] = {}
    for story in stories:
        links.setdefault(story.guid, set()).add(story.identity)
    return {guid for guid, identities in links.items() if guid and len(identities) == 1}


def _without_future_date(story: Story, now: datetime) -> Story:
    """Drops the date of a post from the future: it would come first in every order."""
    if story.kind is not Kind.EVENT and story.published and story.published > now:
        return replace(story, published=None)
    return story
