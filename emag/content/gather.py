"""The verb: read every source, judge, remember."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from emag.content import pool, store
from emag.content.sources import Memory, Reading, Source
from emag.content.story import Kind, Story
from emag.database import Database
from emag.errors import SourceError

HANDS = 8  # sources read at the same time

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """How one source went. `seen` counts its entries, `new` and `changed` those that matter."""

    name: str
    ok: bool
    seen: int = 0
    new: int = 0
    changed: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()


def gather(database: Database, sources: Sequence[Source], *, now: datetime) -> list[Gathered]:
    """One outcome a source, in their order. Nothing that a source does stops the others.

    All are read side by side, with no transaction open; then each is written in one of its own.
    """
    if not sources:
        return []
    with database.reading() as conn:
        memories = [store.memory(conn, source.name) for source in sources]
    with ThreadPoolExecutor(min(HANDS, len(sources)), thread_name_prefix="gather") as hands:
        readings = list(hands.map(_read, sources, memories))
    active = frozenset(source.name for source in sources)
    return [
        _remember(database, source, reading, active=active, now=now)
        for source, reading in zip(sources, readings, strict=True)
    ]


def _read(source: Source, memory: Memory) -> Reading | str:
    """What the source hands over, or the sentence that says why it does not."""
    try:
        return source.read(memory)
    except SourceError as reason:
        return str(reason)
    except Exception as fault:  # noqa: BLE001 - one adapter's fault must not cost the other sources
        _log.exception("The source %s could not be read", source.name)
        return f"it could not be read because of a fault in the program ({type(fault).__name__})"


def _remember(
    database: Database,
    source: Source,
    reading: Reading | str,
    *,
    active: frozenset[str],
    now: datetime,
) -> Gathered:
    with database.transaction() as conn:
        if isinstance(reading, str):
            store.failed(conn, source.name, reading, now=now)
            return Gathered(source.name, ok=False, error=reading)
        new, changed, twice = _judge(conn, source, reading.stories, active=active, now=now)
        store.move(conn, source.name, section=source.section)
        seen = store.succeeded(conn, source.name, reading, now=now)
    notes = (*reading.notes, *(f"{link} is shared by several entries" for link in twice))
    return Gathered(source.name, ok=True, seen=seen, new=new, changed=changed, notes=notes)


def _judge(
    conn: Connection,
    source: Source,
    stories: Sequence[Story],
    *,
    active: frozenset[str],
    now: datetime,
) -> tuple[int, int, list[str]]:
    """How many were admitted and refreshed, and the links that more than one entry has."""
    before = store.known(conn, {story.identity for story in stories})
    new = changed = 0
    met: set[str] = set()
    twice: dict[str, None] = {}
    for given in stories:
        if given.identity in met:
            twice[given.link] = None
            continue
        met.add(given.identity)
        story = _sensible(given, now)
        known = before.get(story.identity)
        if not pool.belongs_to(known, source.name, active=active):
            continue
        intent = pool.judge(known.fingerprint if known else None, story)
        if intent is pool.Intent.ADMIT:
            new += store.admit(conn, story, section=source.section, now=now)
        elif intent is pool.Intent.REFRESH and known:
            store.refresh(conn, story, id=known.id, section=source.section, now=now)
            changed += 1
    return new, changed, list(twice)


def _sensible(story: Story, now: datetime) -> Story:
    """A post from the future has no date at all: it would stand first in every order."""
    if story.kind is not Kind.EVENT and story.published and story.published > now:
        return replace(story, published=None)
    return story
