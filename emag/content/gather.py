"""Reads every source, and admits or refreshes its stories in the pool."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from sqlalchemy.exc import DataError

from emag.content import following, store, withdrawal
from emag.content.admit import Intake, Origin
from emag.content.closing import of_event
from emag.content.health import reads, trouble_store
from emag.content.health.reads import SourceRead
from emag.content.left_out import Counts, LeftOut
from emag.content.pages import completion
from emag.content.pages.page import StoryPages
from emag.content.sources import Memory, Reading, Source
from emag.database import Database
from emag.errors import SourceError
from emag.logbook import ERRORS, FAULT

THREADS = 8  # sources read at the same time

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The outcome of one source.

    `entries` counts what it shows, `new` and `changed` the stories that were admitted or
    refreshed, and `refused` the entries that cannot be stories. `notes` say why, and `left_out`
    counts the reasons, with that of entries that share an address.
    """

    name: str
    ok: bool
    entries: int = 0
    new: int = 0
    changed: int = 0
    refused: int = 0
    error: str | None = None
    notes: tuple[str, ...] = ()
    left_out: Counts = field(default_factory=dict)


def gather(
    database: Database,
    sources: Sequence[Source],
    *,
    now: datetime,
    within: timedelta | None = None,
    pages: StoryPages | None = None,
) -> list[Gathered]:
    """Reads the sources; returns one outcome for each, in order. No source stops another.

    With `pages`, the pages of stories whose feed gives too little are read afterwards.

    All are read at the same time, with no transaction open. Each is then written in its own, and
    the unchanged ones in one. A source that takes longer than `within` could not be read.
    """
    if not sources:
        return []
    with database.reading() as conn:
        memories = reads.memories(conn, [source.name for source in sources])
    readings = _read_all(sources, memories, within)
    active = frozenset(source.name for source in sources)
    attempts = list(zip(sources, readings, strict=True))
    attempts = _followed(database, pages, attempts, now=now)
    unchanged = _unchanged(database, attempts, now=now)
    gathered = [
        unchanged.get(source.name) or _remember(database, source, attempt, active=active, now=now)
        for source, attempt in attempts
    ]
    if pages:
        _withdraw(database, pages, attempts, now=now)
        completion.complete(database, pages, now=now)
    return gathered


def _read_all(
    sources: Sequence[Source], memories: Mapping[str, Memory], within: timedelta | None
) -> list["_Attempt"]:
    threads = ThreadPoolExecutor(min(THREADS, len(sources)), thread_name_prefix="gather")
    futures = [threads.submit(_read, source, memories[source.name]) for source in sources]
    finished, _ = wait(futures, timeout=within.total_seconds() if within else None)
    threads.shutdown(wait=False, cancel_futures=True)
    late = _Attempt("it did not answer in time", within.total_seconds() if within else 0.0)
    return [f.result() if f in finished else late for f in futures]


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What a source gave, or the sentence that says why it gave nothing; and how long it took."""

    reading: Reading | str
    seconds: float


def _read(source: Source, memory: Memory) -> _Attempt:
    began = monotonic()
    reading: Reading | str
    try:
        reading = source.read(memory)
    except SourceError as reason:
        reading = str(reason)
    except Exception as error:  # noqa: BLE001 - one adapter's fault must not cost the other sources
        _log.warning("The source %s could not be read", source.name, extra={FAULT: error})
        reading = f"it could not be read because of a fault in emag: see {ERRORS}"
    return _Attempt(reading, monotonic() - began)


def _followed(
    database: Database,
    pages: StoryPages | None,
    attempts: Sequence[tuple[Source, _Attempt]],
    *,
    now: datetime,
) -> list[tuple[Source, _Attempt]]:
    """The attempts, with the stories of the pages that some sources only name."""
    readings = [(s, a.reading) for s, a in attempts if isinstance(a.reading, Reading)]
    followed = iter(following.follow(database, pages, readings, now=now))
    return [
        (source, replace(attempt, reading=next(followed).reading))
        if isinstance(attempt.reading, Reading)
        else (source, attempt)
        for source, attempt in attempts
    ]


def _withdraw(
    database: Database,
    pages: StoryPages,
    attempts: Sequence[tuple[Source, _Attempt]],
    *,
    now: datetime,
) -> None:
    """Closes the events that a feed or page should show and does not, and whose pages are gone."""
    readings = [
        (source.name, (*reading.stories, *reading.cancelled))
        for source, attempt in attempts
        if isinstance(reading := attempt.reading, Reading)
        if not reading.unchanged and not reading.refused and reading.names is None
    ]
    with database.reading() as conn:
        events = [
            e for name, all_ in readings for e in withdrawal.missing(conn, name, all_, now=now)
        ]
    if not events:
        return
    answers = pages.ask([event.link for event in events], within=completion.WITHIN)
    off = {e.id: reason for e, a in zip(events, answers, strict=True) if (reason := of_event(a))}
    with database.transaction() as conn:
        for number, reason in off.items():
            withdrawal.close(conn, [number], reason)


def _unchanged(
    database: Database, attempts: Sequence[tuple[Source, _Attempt]], *, now: datetime
) -> dict[str, Gathered]:
    """Records the sources that show what they showed before. There are many, and often."""
    same = [
        (source, attempt.reading, attempt.seconds)
        for source, attempt in attempts
        if isinstance(attempt.reading, Reading) and attempt.reading.unchanged
    ]
    if not same:
        return {}
    outcomes = {}
    with database.transaction() as conn:
        for source, reading, seconds in same:
            store.move(conn, source.name, section=source.section)
            entries = reads.succeeded(conn, source.name, reading, now=now)
            last = reads.newest(conn, source.name)  # what was wrong still is
            read = replace(last or SourceRead(now, ok=True), read_at=now, new=0, changed=0)
            read = replace(read, entries=entries)
            reads.remember(conn, source.name, read)
            trouble_store.record(conn, source.name, reading, seconds=seconds)
            outcomes[source.name] = Gathered(
                source.name, ok=True, entries=entries, refused=read.refused, left_out=read.left_out
            )
    return outcomes


def _remember(
    database: Database,
    source: Source,
    attempt: _Attempt,
    *,
    active: frozenset[str],
    now: datetime,
) -> Gathered:
    if isinstance(attempt.reading, str):
        return _failed(database, source, attempt.reading, now=now)
    try:
        return _store(database, source, attempt, active=active, now=now)
    except DataError as error:  # a value that this database cannot hold
        _log.warning("The stories of %s could not be stored", source.name, extra={FAULT: error})
        reason = f"the database cannot hold one of its stories: see {ERRORS}"
        return _failed(database, source, reason, now=now)


def _failed(database: Database, source: Source, reason: str, *, now: datetime) -> Gathered:
    with database.transaction() as conn:
        reads.failed(conn, source.name, reason, now=now)
        reads.remember(conn, source.name, SourceRead(now, ok=False, error=reason))
        trouble_store.record(conn, source.name, reason, seconds=0.0)
    return Gathered(source.name, ok=False, error=reason)


def _store(
    database: Database, source: Source, attempt: _Attempt, *, active: frozenset[str], now: datetime
) -> Gathered:
    reading = attempt.reading
    assert isinstance(reading, Reading)
    origin = Origin(source.name, source.section, active, is_own=reading.is_own)
    with database.transaction() as conn:
        stories = (*reading.stories, *reading.cancelled)
        intake = Intake(conn, origin, stories, now=now)
        intake.take_all(stories)
        if reading.names is not None:
            withdrawal.withdraw(conn, source.name, names=reading.names, now=now)
        else:
            withdrawal.show_again(conn, source.name, stories)
        store.move(conn, source.name, section=source.section)
        entries = reads.succeeded(conn, source.name, reading, now=now)
        gathered = _counted(source, reading, intake, entries)
        reads.remember(conn, source.name, _record(gathered, now))
        trouble_store.record(conn, source.name, reading, seconds=attempt.seconds)
    return gathered


def _counted(source: Source, reading: Reading, intake: Intake, entries: int) -> Gathered:
    shared = [f"{link} is shared by several entries" for link in intake.shared_links]
    left_out = Counter(reading.left_out) + Counter(
        {LeftOut.SHARED.value: intake.shared_links.total()}
    )
    return Gathered(
        source.name,
        ok=True,
        entries=entries,
        new=intake.new,
        changed=intake.changed,
        refused=reading.refused,
        notes=(*reading.notes, *shared),
        left_out=dict(left_out),
    )


def _record(gathered: Gathered, now: datetime) -> SourceRead:
    return SourceRead(
        now,
        ok=True,
        entries=gathered.entries,
        new=gathered.new,
        changed=gathered.changed,
        refused=gathered.refused,
        notes=gathered.notes,
        left_out=gathered.left_out,
    )
