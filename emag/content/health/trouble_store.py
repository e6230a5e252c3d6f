"""The functions that record the troubles of sources, and which of them the editors know."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from emag.content.health.trouble import (
    SHAPES,
    Observation,
    Shape,
    StandingTrouble,
    Trouble,
    TroubleKind,
    is_due,
    is_usual,
    observed,
)
from emag.content.sources import Reading
from emag.content.story import Story
from emag.content.tables import SOURCE_TROUBLES, SOURCES

LONGEST_GAP = timedelta(days=60)
_ENOUGH = 3  # dates that show how often a source gives something
_TIMES = 2  # more are not counted


def _columns(row: Table, names: Iterable[str]) -> list[Any]:
    return [row.c[name] for name in names]


# These are run for each source at each read. Building them anew would cost more than running them.
_RECORD = select(
    *_columns(SOURCES, ("read_at", "new_at", "gap", "is_own", "moved_to", "shape", "usual"))
).where(SOURCES.c.name == bindparam("of"))
_OF_TROUBLE = ("source", "kind", "before", "after", "since", "times", "told_at", "ended_at")
_LISTING = (
    select(*_columns(SOURCE_TROUBLES, (*_OF_TROUBLE, "ended_before")))
    .where(SOURCE_TROUBLES.c.source.in_(bindparam("of", expanding=True)))
    .order_by(*_columns(SOURCE_TROUBLES, ("since", "source", "kind")))
)


@dataclass(frozen=True, slots=True)
class TroubleReport:
    """What the editors are to be told: troubles that have begun, and those that are over."""

    begun: tuple[StandingTrouble, ...]
    over: tuple[StandingTrouble, ...]


def record(conn: Connection, source: str, reading: Reading | str, *, seconds: float) -> None:
    """Records what the last read of a source shows. Its row in `sources` is written already."""
    row = SOURCES
    record = conn.execute(_RECORD, {"of": source}).one()
    now, new_at, gap, is_own, moved_to, shape, usual = record
    error = reading if isinstance(reading, str) else ""
    if isinstance(reading, Reading) and not reading.unchanged:
        gap, is_own, shape = usual_gap(reading.stories), reading.is_own, asdict(shape_of(reading))
        values = {"gap": gap, "is_own": is_own, "shape": shape}
        conn.execute(update(row).where(row.c.name == source).values(values))
    read = Observation(
        now, error, Shape(**shape), moved_to, seconds, new_at, timedelta(seconds=gap), is_own
    )
    troubles = list(observed(read, usual=Shape(**usual) if usual else None))
    before = {s.trouble.kind: s for s in _listing(conn, [source])}
    _write(conn, source, troubles, before, now)
    if not error:
        _settle(conn, source, shape, usual, now)


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """What a source gave while it was well, and when it last gave a new story."""

    usual: Shape | None = None
    new_at: datetime | None = None
    gap: timedelta = timedelta()


def history(conn: Connection, source: str) -> SourceHistory:
    """What one source has given; empty for a source that was never read."""
    row = conn.execute(_RECORD, {"of": source}).one_or_none()
    if row is None:
        return SourceHistory()
    usual = Shape(**row.usual) if row.usual else None
    return SourceHistory(usual, row.new_at, timedelta(seconds=row.gap))


def standing(conn: Connection, sources: Collection[str]) -> list[StandingTrouble]:
    """What is wrong with these sources now, the oldest first: the one rule for every page."""
    return [s for s in _listing(conn, sources) if s.ended_at is None]


def pending(conn: Connection, sources: Collection[str], *, now: datetime) -> TroubleReport:
    """What the editors have not been told of these sources yet."""
    every = _listing(conn, sources)
    return TroubleReport(
        begun=tuple(s for s in every if is_due(s, now=now)),
        over=tuple(s for s in every if s.ended_at and s.told_at),
    )


def mark_told(conn: Connection, report: TroubleReport, *, now: datetime) -> None:
    """Records that the editors have been told."""
    for entries, told_at in ((report.begun, now), (report.over, None)):
        for entry in entries:
            _change(conn, entry.source, entry.trouble.kind, {"told_at": told_at})


def shape_of(reading: Reading) -> Shape:
    """What a page looks like, in numbers."""
    undated = sum(not (story.published or story.starts) for story in reading.stories)
    return Shape(reading.entries, reading.untitled, undated, reading.refused)


def usual_gap(stories: Sequence[Story]) -> float:
    """The usual time between two stories, in seconds; 0 where too few have dates."""
    dates = sorted(story.published for story in stories if story.published)
    if len(dates) < _ENOUGH:
        return 0.0
    gaps = sorted(later - earlier for earlier, later in pairwise(dates))
    return min(gaps[len(gaps) // 2], LONGEST_GAP).total_seconds()


def _write(
    conn: Connection,
    source: str,
    troubles: Iterable[Trouble],
    before: dict[TroubleKind, StandingTrouble],
    now: datetime,
) -> None:
    kinds = set()
    for trouble in troubles:
        kinds.add(trouble.kind)
        entry = before.get(trouble.kind)
        if entry is None:
            values = {"source": source, "since": now, **asdict(trouble)}
            conn.execute(insert(SOURCE_TROUBLES).values(values | {"kind": trouble.kind.value}))
        elif entry.ended_at:
            _change(conn, source, trouble.kind, _again(entry, trouble, now))
        elif (values := _later(entry, trouble)) != {}:
            _change(conn, source, trouble.kind, values)
    if TroubleKind.FAILING in kinds:  # nothing is known of the others
        return
    for kind, entry in before.items():
        if kind not in kinds and entry.ended_at is None:
            _change(conn, source, kind, {"ended_at": now, "times": 0})


def _again(entry: StandingTrouble, trouble: Trouble, now: datetime) -> dict[str, Any]:
    """A trouble that is back. Where nobody was told of its end, it is the same one."""
    values = {"before": trouble.before, "after": trouble.after, "ended_at": None, "times": 1}
    if entry.told_at:
        return values
    return values | {"since": now, "ended_before": entry.ended_at}


def _later(entry: StandingTrouble, trouble: Trouble) -> dict[str, Any]:
    """What has changed of a trouble that goes on."""
    values: dict[str, Any] = {}
    if entry.times < _TIMES:
        values["times"] = entry.times + 1
    if entry.trouble != trouble:
        values |= {"before": trouble.before, "after": trouble.after}
    return values


def _settle(
    conn: Connection,
    source: str,
    shape: dict[str, int],
    usual: dict[str, int] | None,
    now: datetime,
) -> None:
    """Takes the shape of a healthy source as usual, and one that has stood for long."""
    if shape == usual or not shape.get("entries"):
        return
    entries = standing(conn, [source])
    if not is_usual(entries, now=now):
        return
    conn.execute(update(SOURCES).where(SOURCES.c.name == source).values(usual=shape))
    old = [entry.trouble.kind.value for entry in entries if entry.trouble.kind in SHAPES]
    row = SOURCE_TROUBLES
    conn.execute(delete(row).where(row.c.source == source, row.c.kind.in_(old)))


def _change(conn: Connection, source: str, kind: TroubleKind, values: dict[str, Any]) -> None:
    row = SOURCE_TROUBLES
    one = update(row).where(row.c.source == source, row.c.kind == kind.value)
    conn.execute(one.values(values))


def _listing(conn: Connection, sources: Collection[str]) -> list[StandingTrouble]:
    return [
        StandingTrouble(source, Trouble(TroubleKind(kind), before, after), *rest)
        for source, kind, before, after, *rest in conn.execute(_LISTING, {"of": list(sources)})
    ]
