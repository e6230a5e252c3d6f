"""Trouble: what is wrong with a source as a whole, beside what it usually gives."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

DRY = timedelta(days=14)  # without a new story, for a source that gives one more often
GAPS = 3  # times its usual pause, for a slower one
SLOW = 5.0  # seconds
FEW = 4  # entries; of a shorter page nothing can be concluded
STEADY = timedelta(days=28)  # what has stood for so long is usual now
QUIET = timedelta(days=2)  # a trouble that comes back sooner is not reported at once
STANDING = timedelta(days=1)  # but after so long


class TroubleKind(StrEnum):
    FAILING = "failing"  # it cannot be read
    EMPTY = "empty"
    DRY = "dry"  # nothing new for a while
    SHRUNK = "shrunk"
    UNTITLED = "untitled"  # its entries have no titles any more
    UNDATED = "undated"
    UNUSABLE = "unusable"  # most of its entries cannot be stories
    MOVED = "moved"  # it redirects for good
    SLOW = "slow"


# The network has bad moments. Of these the first one alone is not reported.
_PASSING = frozenset({TroubleKind.FAILING, TroubleKind.SLOW})
SHAPES = frozenset(
    {TroubleKind.SHRUNK, TroubleKind.UNTITLED, TroubleKind.UNDATED, TroubleKind.UNUSABLE}
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One trouble of a source. `before` and `after` are what it gave usually and gives now."""

    kind: TroubleKind
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        return _SENTENCES[self.kind].format(before=self.before, after=self.after)


_SENTENCES = {
    TroubleKind.FAILING: "{after}",
    TroubleKind.EMPTY: "it can be read, and shows no entry",
    TroubleKind.DRY: "it has given nothing new since {before}",
    TroubleKind.SHRUNK: "it shows {after} entries, and usually shows {before}",
    TroubleKind.UNTITLED: "of its entries {after} have no title, and usually {before}",
    TroubleKind.UNDATED: "of its entries {after} have no date, and usually {before}",
    TroubleKind.UNUSABLE: "of its entries {after} cannot be stories, and usually {before}",
    TroubleKind.MOVED: "it has moved for good to {after}: put that address into the settings",
    TroubleKind.SLOW: "it took {after} seconds to answer",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What the page of a source looks like, in numbers of entries."""

    entries: int = 0
    untitled: int = 0
    undated: int = 0
    unusable: int = 0


@dataclass(frozen=True, slots=True)
class Observation:
    """One read of a source. `error` is empty for a good one.

    `new_at` is when it last gave a new story, and `gap` the usual time between two of them.
    `is_own` marks what the editors write, who know themselves when they have written nothing.
    """

    now: datetime
    error: str = ""
    shape: Shape = Shape()
    moved_to: str = ""
    seconds: float = 0.0
    new_at: datetime | None = None
    gap: timedelta = timedelta()
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class StandingTrouble:
    """A trouble in the record. `told_at` is when the editors were told; `ended_at` when it ended.

    `ended_before` is when it last ended before it came back.
    """

    source: str
    trouble: Trouble
    since: datetime
    times: int = 1  # reads that showed it
    told_at: datetime | None = None
    ended_at: datetime | None = None
    ended_before: datetime | None = None


def observed(read: Observation, *, usual: Shape | None) -> Iterator[Trouble]:
    """Every trouble that a read shows. `usual` is None at the first good read."""
    if read.error:
        yield Trouble(TroubleKind.FAILING, after=read.error)
        return
    if read.moved_to:
        yield Trouble(TroubleKind.MOVED, after=read.moved_to)
    if read.seconds >= SLOW:
        yield Trouble(TroubleKind.SLOW, after=f"{read.seconds:.0f}")
    if not read.shape.entries:
        yield Trouble(TroubleKind.EMPTY, before=str(usual.entries if usual else 0))
        return
    yield from _misshapen(read.shape, usual or replace(read.shape, unusable=0))
    if read.new_at and not read.is_own and read.now - read.new_at >= max(DRY, GAPS * read.gap):
        day = f"{read.new_at.day} {read.new_at:%B %Y}"
        yield Trouble(TroubleKind.DRY, before=day)


def _misshapen(shape: Shape, usual: Shape) -> Iterator[Trouble]:
    if usual.entries >= FEW and shape.entries * 2 < usual.entries:
        yield Trouble(TroubleKind.SHRUNK, str(usual.entries), str(shape.entries))
    for kind, count, before in (
        (TroubleKind.UNTITLED, shape.untitled, usual.untitled),
        (TroubleKind.UNDATED, shape.undated, usual.undated),
        (TroubleKind.UNUSABLE, shape.unusable, usual.unusable),
    ):
        is_most = count * 2 > shape.entries
        was_some = before * 4 > usual.entries
        if is_most and not was_some:
            yield Trouble(kind, _share(before, usual.entries), _share(count, shape.entries))


def _share(count: int, entries: int) -> str:
    return f"{count} of {entries}" if count else "none"


def is_usual(standing: list[StandingTrouble], *, now: datetime) -> bool:
    """True if the shape of a good read may count as usual: nothing is wrong with it, or long."""
    shapes = [s for s in standing if s.trouble.kind in SHAPES and s.ended_at is None]
    return all(now - s.since >= STEADY for s in shapes)


def is_due(standing: StandingTrouble, *, now: datetime) -> bool:
    """True for a trouble that the editors should be told of now."""
    if standing.told_at or standing.ended_at:
        return False
    if standing.trouble.kind in _PASSING and standing.times == 1:
        return False
    if standing.trouble == Trouble(TroubleKind.EMPTY, before="0"):
        return False  # it has not begun yet
    is_back = standing.ended_before and standing.since - standing.ended_before < QUIET
    return not is_back or now - standing.since >= STANDING
