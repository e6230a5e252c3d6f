"""The sources as editors see them: what each gave, and what one gives now with its faults."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from time import monotonic

from emag.content import following, left_out
from emag.content.following import Followed
from emag.content.health import reads, trouble_store
from emag.content.health.reads import SourceRead, SourceState
from emag.content.health.trouble import (
    FEW,
    Observation,
    Shape,
    StandingTrouble,
    Trouble,
    TroubleKind,
    observed,
)
from emag.content.health.trouble_store import SourceHistory, shape_of
from emag.content.left_out import Counts, LeftOut
from emag.content.pages import completion
from emag.content.sources import Memory, Reading, Source
from emag.content.story import Kind, Story
from emag.database import Database
from emag.errors import NotFound, SourceError
from emag.logbook import ERRORS, FAULT
from emag.newsroom import Newsroom
from emag.settings import Settings

_log = logging.getLogger(__name__)

PAGES_WITHIN = timedelta(seconds=15)
THREADS = 8  # sources that are checked at the same time


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source and its last reads, the newest first. `state` is None before the first."""

    name: str
    kind: str
    address: str  # or the path of a folder
    section: str
    state: SourceState | None
    reads: tuple[SourceRead, ...]
    troubles: tuple[StandingTrouble, ...]  # what is wrong with it as a whole

    @property
    def last(self) -> SourceRead | None:
        return self.reads[0] if self.reads else None

    @property
    def is_dry(self) -> bool:
        """True if it has given nothing new for a while."""
        return any(entry.trouble.kind is TroubleKind.DRY for entry in self.troubles)

    @property
    def status(self) -> str:
        """Its state in a word: unread, failed, dry, trouble or well."""
        if self.state is None:
            return "unread"
        if not self.state.ok:
            return "failed"
        kinds = {entry.trouble.kind for entry in self.troubles}
        if not kinds:
            return "well"
        return "dry" if kinds == {TroubleKind.DRY} else "trouble"


@dataclass(frozen=True, slots=True)
class SourceFault:
    """One fault: what is wrong, in a word and in a sentence, and the page it is about."""

    subject: str
    message: str
    where: str


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What a source gives now. `entries` counts what it shows; `waiting` pages are not read yet.

    `format` names what is served there, where there is a choice.
    """

    name: str
    entries: int
    stories: tuple[Story, ...]
    faults: tuple[SourceFault, ...]
    is_own: bool = False  # the editors write it
    format: str = ""
    waiting: int = 0
    left_out: Counts = field(default_factory=dict)  # entries, by reason

    @property
    def is_ok(self) -> bool:
        return not self.faults


def troubles(database: Database, settings: Settings) -> list[StandingTrouble]:
    """What is wrong with the sources of the settings, by the one rule for all pages."""
    with database.reading() as conn:
        return trouble_store.standing(conn, [source.name for source in settings.sources])


def histories(database: Database, settings: Settings) -> dict[str, SourceHistory]:
    """What each source has given before, by its name."""
    with database.reading() as conn:
        names = (source.name for source in settings.sources)
        return {name: trouble_store.history(conn, name) for name in names}


def listing(database: Database, settings: Settings) -> list[SourceReport]:
    """Every source of the settings, in their order."""
    standing = troubles(database, settings)
    with database.reading() as conn:
        states = {state.name: state for state in reads.states(conn)}
        last_reads = reads.last_reads(conn)
    return [
        SourceReport(
            source.name,
            source.kind,
            source.url or source.path,
            source.section,
            states.get(source.name),
            tuple(last_reads.get(source.name, [])),
            tuple(entry for entry in standing if entry.source == source.name),
        )
        for source in settings.sources
    ]


def check(newsroom: Newsroom, name: str, *, now: datetime) -> SourceCheck:
    """Reads a source as if for the first time, and stores no story. Raises NotFound.

    The pages of stories that lack something are read, too, within the limits of a gather.
    """
    sources, settings = newsroom.sources, newsroom.settings
    source = next((source for source in sources if source.name == name), None)
    if source is None:
        names = ", ".join(source.name for source in sources) or "none"
        raise NotFound(f"There is no source “{name}”; there are: {names}.")
    address = next(s.url or s.path for s in settings.sources if s.name == name)
    database, pages = newsroom.database, newsroom.pages

    def followed(reading: Reading) -> Followed:
        read = [(source, reading)]
        return following.follow(database, pages, read, now=now, within=PAGES_WITHIN)[0]

    with database.reading() as conn:
        history = trouble_store.history(conn, source.name)
    checked = _examined(source, address, now, history, followed)
    if pages is None or checked.is_own:
        return checked
    stories = completion.filled(
        database, pages, checked.stories, section=source.section, now=now, within=PAGES_WITHIN
    )
    return replace(checked, stories=stories)


def check_all(
    sources: Sequence[Source],
    settings: Settings,
    *,
    now: datetime,
    within: timedelta,
    histories: Mapping[str, SourceHistory] | None = None,
) -> list[SourceCheck]:
    """Reads all sources at the same time. One that takes longer than `within` has a fault.

    `histories` say what each has given before, by its name.
    """
    histories = histories or {}
    addresses = {source.name: source.url or source.path for source in settings.sources}
    if not sources:
        return []
    threads = ThreadPoolExecutor(min(THREADS, len(sources)), thread_name_prefix="check")
    pending = {
        source.name: threads.submit(
            _examined,
            source,
            addresses[source.name],
            now,
            histories.get(source.name, SourceHistory()),
        )
        for source in sources
    }
    finished, _ = wait(pending.values(), timeout=within.total_seconds())
    threads.shutdown(wait=False, cancel_futures=True)
    late = f"it did not answer within {within.total_seconds():.0f} seconds"
    return [
        future.result() if future in finished else _unread(name, late, addresses[name])
        for name, future in pending.items()
    ]


def _examined(
    source: Source,
    address: str,
    now: datetime,
    history: SourceHistory,
    followed: Callable[[Reading], Followed] = Followed,
) -> SourceCheck:
    """Reads a source, and with `followed` the pages that it names."""
    began = monotonic()
    try:
        reading = source.read(Memory())
    except SourceError as error:
        return _unread(source.name, str(error), address)
    except Exception as error:  # noqa: BLE001 - a fault of one adapter is a fault of its source
        _log.warning("The source %s could not be read", source.name, extra={FAULT: error})
        reason = f"it cannot be read because of a fault in emag: see {ERRORS}"
        return _unread(source.name, reason, address)
    seconds = monotonic() - began
    result = followed(reading)
    reading = result.reading
    whole = _of_the_whole(reading, history, seconds=seconds, now=now)
    faults = [SourceFault("source", str(trouble), address) for trouble in whole]
    counts = _left_out(reading)
    if sum(counts.values()) > 1:  # of one, its own sentence says it all
        faults.append(SourceFault("entries", left_out.sentence(counts), address))
    faults += _faults(reading, address, now)
    return SourceCheck(
        source.name,
        reading.entries,
        reading.stories,
        tuple(faults),
        reading.is_own,
        reading.format,
        result.waiting,
        counts,
    )


def _unread(name: str, sentence: str, address: str) -> SourceCheck:
    return SourceCheck(name, 0, (), (SourceFault("source", sentence, address),))


def _of_the_whole(
    reading: Reading, history: SourceHistory, *, seconds: float, now: datetime
) -> Iterator[Trouble]:
    """What is wrong with a source: beside what it has given, or else beside what any source gives.

    By the same rule as each gather.
    """
    shape, usual = shape_of(reading), history.usual
    if usual is None:
        if shape.entries < FEW or any(story.kind is not Kind.POST for story in reading.stories):
            shape = replace(shape, undated=0)  # an advert or an event needs no date of its own
        usual = shape if reading.is_own else Shape(shape.entries)
    read = Observation(
        now,
        shape=shape,
        moved_to=reading.memory.moved_to,
        seconds=seconds,
        new_at=_newest(reading, history, now),
        gap=history.gap,
        is_own=reading.is_own,
    )
    return observed(read, usual=usual)


def _newest(reading: Reading, history: SourceHistory, now: datetime) -> datetime | None:
    """When the source last gave something new; what it gives now may not have been gathered."""
    dates = [s.published for s in reading.stories if s.published and s.published <= now]
    return max([history.new_at, *dates]) if history.new_at else None


def _left_out(reading: Reading) -> Counts:
    """The entries that give no story, by reason, with those that have the address of another."""
    shared = len(reading.stories) - len({story.identity for story in reading.stories})
    return dict(Counter(reading.left_out) + Counter({LeftOut.SHARED.value: shared}))


def _faults(reading: Reading, address: str, now: datetime) -> Iterator[SourceFault]:
    for note in reading.notes:
        yield SourceFault("entry", note, address)
    counts = Counter(story.identity for story in reading.stories)
    links = {story.identity: story.link for story in reading.stories}
    for identity, count in counts.items():
        if count > 1:
            sentence = f"{count} entries have this link, and only the first can be a story"
            yield SourceFault("link", sentence, links[identity])
    for story in reading.stories:
        if story.kind is not Kind.EVENT and story.published and story.published > now:
            day = f"{story.published.day} {story.published:%B %Y}"
            sentence = f"“{story.title}” is dated {day}, which is still to come"
            yield SourceFault("date", sentence, story.link)
